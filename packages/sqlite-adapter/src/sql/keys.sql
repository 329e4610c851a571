select j.queue, j.group_key, j.unique_key from jobport_jobs j where j.seq = ?
