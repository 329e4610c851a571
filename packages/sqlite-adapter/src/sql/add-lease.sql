insert into jobport_leases (
  queue, claim, attempt, flags, failures, crashes, redrives, claimed_at, lease_until, jobs, first, last, seqs
)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
