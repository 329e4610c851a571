select enqueued_at from jobport_jobs where seq = ?
