select seq, id, name, payload, headers, policy, group_key, enqueued_at, rank
from jobport_jobs where seq between ? and ?
