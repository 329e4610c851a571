select a.seq, a.flags, a.attempt, a.failures, a.crashes + 1, a.redrives, j.rank,
  j.id, j.name, j.payload, j.headers, j.policy, j.group_key, j.enqueued_at
from jobport_active a cross join jobport_jobs j on j.seq = a.seq
where a.queue = ? and a.lease_until <= ? order by a.lease_until, a.seq limit ?
