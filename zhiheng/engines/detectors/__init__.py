"""Detectors of early warning: counts of many series in, alarms and bounds out. Pure, batched in NumPy."""
