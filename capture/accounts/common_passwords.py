"""Passwords of twelve letters and more that are guessed first, in general and in our own field."""

from __future__ import annotations

_LIST = """
    012345678901 111122223333 112233445566 121212121212 123123123123 123412341234 123456123456
    123456654321 123456789012 1234567890123 12345678901234 123456789012345 1234567890123456
    1q2w3e4r5t6y 1q2w3e4r5t6y7u 1qaz2wsx3edc 1qaz2wsx3edc4rfv 987654321098 a1b2c3d4e5f6
    aaaabbbbcccc abc123456789 abc123abc123 abcd12345678 abcdefghijkl abcdefghijklm
    abcdefghijklmnop admin1234567 admin12345678 adminadmin12 adminadminadmin administrator
    administrator1 administrator123 arsenal12345 asdfasdfasdf asdfghjkl123 autumn2025!!
    autumn2026!! baseball1234 batman123456 changeme1234 changeme12345 changemechangeme
    changemenow1 chelsea12345 clinicaltrial clinicaltrial1 clinicaltrial123 clinicaltrials
    correcthorsebatterystaple datamanager1 datamanager123 december2026 default12345
    defaultpassword dragon123456 football1234 hospital1234 hospital12345 iloveyou1234
    iloveyou12345 iloveyouiloveyou investigator investigator1 january2026! letmein12345
    letmein123456 letmeinletmein liverpool123 manchester123 manchesterunited monkey123456
    mypassword12 mypassword123 newpassword1 newpassword12 newpassword123 november2026
    p@$$w0rd1234 p@ssw0rd1234 p@ssword1234 passw0rd1234 password123! password1234 password1234!
    password12345 password123456 passwordpassword princess1234 qazwsxedcrfv qwerty123456
    qwerty1234567 qwerty12345678 qwertyqwerty qwertyuiop12 qwertyuiop123 qwertyuiop[]
    qwertyuiopasdf qwertyuiopasdfghjkl randomisation randomisation1 randomization researchnurse
    researchnurse1 rootrootroot sarcomere-demo-2026 sarcomere123 sarcomere1234 sarcomere2026
    sarcomeresarcomere secretpassword secretsecret shadow123456 spring2025!! spring2026!!
    starwars1234 statistician statistician1 summer2024!! summer2025!! summer2026!! sunshine1234
    superman1234 superuser123 temporary123 temppassword test12345678 testpassword testpassword1
    testtesttest trialmanager trialmanager1 trustno1trustno1 welcome12345 welcome123456
    welcome2024! welcome2025! welcome2026! welcomewelcome winter2024!! winter2025!! winter2026!!
    zaq12wsxcde3 zxcvbnm12345
"""
COMMON = frozenset(_LIST.split())
"""Casefolded; shorter ones are refused by their length alone."""
