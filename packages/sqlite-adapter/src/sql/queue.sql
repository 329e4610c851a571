select no, paused, lease_bound from jobport_queues where name = ?
