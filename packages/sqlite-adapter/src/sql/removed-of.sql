select removed from jobport_endings where no = ?
