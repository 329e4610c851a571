insert into jobport_finished (seq, ending, flags, attempt, failures, crashes, redrives, claimed_at)
values (?, ?, ?, ?, ?, ?, ?, ?)
