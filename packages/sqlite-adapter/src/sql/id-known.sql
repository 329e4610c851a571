select seq from jobport_jobs where id = ?
