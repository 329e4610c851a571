select rank from jobport_jobs where seq = ?
