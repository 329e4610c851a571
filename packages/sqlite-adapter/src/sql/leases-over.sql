select no, queue, claim, attempt, flags, failures, crashes, redrives, claimed_at, lease_until, seqs
from jobport_leases where queue = ? and lease_until <= ? order by lease_until limit ? + 0
