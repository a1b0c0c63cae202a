"""Which networks recognise rotated digits?"""
