-- The whole of a job, unless it is leased. `place`: 0 due, 1 for later, 2 held by its group, 3 leased, 4 finished.
select j.seq, j.id, q.name, j.name, j.payload, j.headers, j.policy, j.rank, j.group_key, j.unique_key, j.enqueued_at,
  case when f.seq is not null then 4 when h.seq is not null then 2 when l.seq is not null then 1 when r.first is not null then 0 else 3 end,
  coalesce(l.due_at, h.due_at),
  coalesce(r.attempt, l.attempt, h.attempt, e.attempt),
  coalesce(r.failures, l.failures, h.failures, e.failures),
  coalesce(r.crashes, l.crashes, h.crashes, e.crashes),
  coalesce(r.redrives, l.redrives, h.redrives, e.redrives),
  coalesce(r.claimed_at, l.claimed_at, h.claimed_at, e.claimed_at),
  coalesce(r.flags, l.flags, h.flags, e.flags),
  e.state, e.finished_at, e.keep_until, s.result, n.errors, n.progress, n.logs,
  j.queue, f.ending, e.claim
from jobport_jobs j
join jobport_queues q on q.no = j.queue
left join jobport_ready r on r.queue = j.queue and r.rank = j.rank and r.last >= j.seq
  and r.first = (select max(first) from jobport_ready where queue = j.queue and rank = j.rank and first <= j.seq)
left join jobport_later l on l.seq = j.seq
left join jobport_held h on h.queue = j.queue and h.group_key = j.group_key and h.seq = j.seq
left join jobport_finished f on f.seq = j.seq
left join jobport_endings e on e.no = f.ending
left join jobport_results s on s.seq = j.seq
left join jobport_notes n on n.seq = j.seq
where j.id = ?
