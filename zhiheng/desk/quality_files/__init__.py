"""Enterprises, their quality files, single facts, extracts."""
