delete from jobport_active where seq in (select value from json_each(?))
