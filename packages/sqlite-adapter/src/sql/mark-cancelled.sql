update jobport_active set flags = flags | 4 where seq = ?
