rollback to jobport
