"""What is the databases' own: dialects, bulk writing, row numbers, locks, statistics, scopes as SQL, and files
kept by their digest. It knows no table by name.

The rooms above say which table is meant. Outside of this room and of migrations nothing asks which database is at hand
but through ``dialect``; tests/database/test_one_home.py holds that.
"""
