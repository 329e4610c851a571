delete from jobport_jobs where seq in (select value from json_each(?))
