DROP TABLE wave_pace;
