"""The counter of the portal: where the public hands something in or asks about a paper of its own.

The rest of the portal reads what was published and nothing else. Here a complaint or a report is taken and followed by
its receipt, and an extract, a document or a credit report that somebody holds is compared. Which actions and queries it
may call is held by ``tests/book/test_house_rules.py``; everything else stays closed to it as well.
"""
