select 1 from loads where file = ? and abandoned = 0
