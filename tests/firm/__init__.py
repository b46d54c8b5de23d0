"""Tests of the enterprise corner."""
