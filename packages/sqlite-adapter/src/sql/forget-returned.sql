delete from jobport_returned where seq in (select value from json_each(?))
