delete from jobport_notes where seq in (select value from json_each(?))
