delete from jobport_returned where seq = ?
