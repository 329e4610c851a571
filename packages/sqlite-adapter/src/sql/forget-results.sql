delete from jobport_results where seq in (select value from json_each(?))
