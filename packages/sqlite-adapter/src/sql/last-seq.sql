select coalesce(max(seq), 0) from jobport_jobs
