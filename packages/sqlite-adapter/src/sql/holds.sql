select 1 from jobport_active where seq = ? and claim = ? and attempt = ? and queue = ?
