delete from loads where file = ?
