select no, queue, claim, attempt, flags, failures, crashes, redrives, claimed_at, lease_until, seqs
from jobport_leases
where queue = ?1 and first <= ?2 and last >= ?2 and exists (select 1 from json_each(seqs) where value = ?2)
