"""Rates, appraisal, hot topics and reports; reads everything."""
