"""Early warning over columns and arrays: which facts are watched, series of counts, and what is a hint (预警线索).

Pure: tables come in as Ibis tables and arrays, hints go out. The statistics stand in ``engines/detectors``.
"""
