select j.seq, j.id, j.name, j.payload, j.headers, j.policy, j.group_key, j.enqueued_at, j.rank
from json_each(?) s cross join jobport_jobs j on j.seq = s.value
