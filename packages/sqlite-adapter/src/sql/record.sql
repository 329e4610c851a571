-- The whole of a job, wherever it stands. `place`: 0 due, 1 for later, 2 held by its group, 3 leased, 4 finished.
select j.seq, j.id, q.name, j.name, j.payload, j.headers, j.policy, j.rank, j.group_key, j.unique_key, j.enqueued_at,
  case when f.seq is not null then 4 when a.seq is not null then 3 when h.seq is not null then 2 when l.seq is not null then 1 else 0 end,
  coalesce(l.due_at, h.due_at),
  coalesce(r.attempt, l.attempt, h.attempt, a.attempt, f.attempt),
  coalesce(r.failures, l.failures, h.failures, a.failures, f.failures),
  coalesce(r.crashes, l.crashes, h.crashes, a.crashes, f.crashes),
  coalesce(r.redrives, l.redrives, h.redrives, a.redrives, f.redrives),
  coalesce(r.claimed_at, l.claimed_at, h.claimed_at, a.claimed_at, f.claimed_at),
  coalesce(r.flags, l.flags, h.flags, a.flags, f.flags),
  e.state, e.finished_at, e.keep_until, s.result, n.errors, n.progress, n.logs,
  j.queue, f.ending, f.claim
from jobport_jobs j
join jobport_queues q on q.no = j.queue
left join jobport_ready r on r.queue = j.queue and r.rank = j.rank and r.seq = j.seq
left join jobport_later l on l.seq = j.seq
left join jobport_held h on h.queue = j.queue and h.group_key = j.group_key and h.seq = j.seq
left join jobport_active a on a.seq = j.seq
left join jobport_finished f on f.seq = j.seq
left join jobport_endings e on e.no = f.ending
left join jobport_results s on s.seq = j.seq
left join jobport_notes n on n.seq = j.seq
where j.id = ?
