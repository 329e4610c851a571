select r.seq, r.flags, r.attempt, r.failures, r.crashes, r.redrives, r.rank,
  j.id, j.name, j.payload, j.headers, j.policy, j.group_key, j.enqueued_at
from jobport_ready r cross join jobport_jobs j on j.seq = r.seq
where r.queue = ? order by r.rank, r.seq limit ?
