delete from jobport_finished where seq in (select value from json_each(?))
