update jobport_sending set at = null where seq = (select seq from jobport_jobs where id = ?1) and sending = ?2
