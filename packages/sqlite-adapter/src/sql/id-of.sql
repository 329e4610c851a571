select id from jobport_jobs where seq = ?
