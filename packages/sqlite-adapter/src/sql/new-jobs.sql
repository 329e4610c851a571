select id, seq from jobport_jobs where seq > ?
