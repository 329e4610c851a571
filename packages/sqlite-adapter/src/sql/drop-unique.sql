delete from jobport_uniques where queue = ? and key = ? and seq = ?
