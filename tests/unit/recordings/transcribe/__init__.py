"""Tests of the speech engines' parts."""
