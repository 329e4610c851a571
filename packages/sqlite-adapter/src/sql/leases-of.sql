-- The plus keeps SQLite from looking through all leases of the queue.
select no, queue, claim, attempt, flags, failures, crashes, redrives, claimed_at, lease_until, seqs
from jobport_leases where claim = ? and attempt = ? and +queue = ?
