"""What the installation survives: processes killed in the middle of every act, a disk that fills up or breaks at every
call that writes, sockets that are held. ``python -m bench.reliability`` (``make reliability``) tries it and writes
docs/reference/reliability.md.
"""
