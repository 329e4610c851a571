insert into jobport_endings (
  queue, state, finished_at, keep_until, gone_at, claim, attempt, flags, failures, crashes, redrives, claimed_at, jobs, seqs
)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
