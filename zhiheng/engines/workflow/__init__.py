"""What follows from a log of acts: the standing of a case, what can be done, what is due. Pure: no database, no clock
of its own.

``compiled`` turns a page of the book into numbers and bits; ``legal_time`` counts its periods by the law of the day;
``standing`` replays logs; ``guards`` says why an act can't be done; ``walk`` proves what can be proved without a case;
``stories`` plays days of the book; ``untested`` finds lines that no story notices, ``untested_days`` days on
which the law changes of which none tells.
"""
