select coalesce(sum(jobs), 0) from jobport_endings where queue = ? and state = ? and keep_until > ?
