delete from jobport_jobs where seq = ?
