"""Shared language, storage, events and Asterisk's wire; knows no other package of the product."""
