select no, paused from jobport_queues where name = ?
