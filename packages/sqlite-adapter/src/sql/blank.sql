update jobport_jobs set payload = '', headers = null, policy = null where seq in (select value from json_each(?))
