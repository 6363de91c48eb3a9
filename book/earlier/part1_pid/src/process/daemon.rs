use super::pid_file::PidFile;
