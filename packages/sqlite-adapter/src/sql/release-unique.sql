update jobport_uniques set released = 1 where queue = ? and key = ? and seq = ?
