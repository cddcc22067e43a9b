<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
    <context>
        <name>Announcements</name>
        <message numerus="yes">
            <source>%n run(s) ended since you last looked</source>
            <translation>
                <numerusform>%n run ended since you last looked</numerusform>
                <numerusform>%n runs ended since you last looked</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n thing(s) could not be read.</source>
            <translation>
                <numerusform>%n thing could not be read.</numerusform>
                <numerusform>%n things could not be read.</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>CasesView</name>
        <message numerus="yes">
            <source>Needs a look: %n case(s)</source>
            <translation>
                <numerusform>Needs a look: %n case</numerusform>
                <numerusform>Needs a look: %n cases</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n case(s)</source>
            <translation>
                <numerusform>%n case</numerusform>
                <numerusform>%n cases</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>ImportWizard</name>
        <message numerus="yes">
            <source>%n thing(s) could not be read</source>
            <translation>
                <numerusform>%n thing could not be read</numerusform>
                <numerusform>%n things could not be read</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n row(s)</source>
            <translation>
                <numerusform>%n row</numerusform>
                <numerusform>%n rows</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n file(s) to read</source>
            <translation>
                <numerusform>%n file to read</numerusform>
                <numerusform>%n files to read</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n more table(s) after this one</source>
            <translation>
                <numerusform>%n more table after this one</numerusform>
                <numerusform>%n more tables after this one</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>ImportWords</name>
        <message numerus="yes">
            <source>%n case(s) came in.</source>
            <translation>
                <numerusform>%n case came in.</numerusform>
                <numerusform>%n cases came in.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n case(s) were already here, {changed} changed, {new} new.</source>
            <translation>
                <numerusform>%n case was already here, {changed} changed, {new} new.</numerusform>
                <numerusform>%n cases were already here, {changed} changed, {new} new.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n case(s) of before are not in this table; they stay.</source>
            <translation>
                <numerusform>%n case of before is not in this table; it stays.</numerusform>
                <numerusform>%n cases of before are not in this table; they stay.</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>Intake</name>
        <message numerus="yes">
            <source>%n file(s) were left out: {names}.</source>
            <translation>
                <numerusform>%n file was left out: {names}.</numerusform>
                <numerusform>%n files were left out: {names}.</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>PartWords</name>
        <message numerus="yes">
            <source>%n word(s)</source>
            <translation>
                <numerusform>%n word</numerusform>
                <numerusform>%n words</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>KnowledgeWords</name>
        <message numerus="yes">
            <source>%n label(s)</source>
            <translation>
                <numerusform>%n label</numerusform>
                <numerusform>%n labels</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n finding(s)</source>
            <translation>
                <numerusform>%n finding</numerusform>
                <numerusform>%n findings</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n rule(s)</source>
            <translation>
                <numerusform>%n rule</numerusform>
                <numerusform>%n rules</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n specialist(s)</source>
            <translation>
                <numerusform>%n specialist</numerusform>
                <numerusform>%n specialists</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>KnowledgeFindings</name>
        <message numerus="yes">
            <source>Knowledge file, version {n}: the data speak against %n rule(s)</source>
            <translation>
                <numerusform>Knowledge file, version {n}: the data speak against %n rule</numerusform>
                <numerusform>Knowledge file, version {n}: the data speak against %n rules</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>KnowledgeSide</name>
        <message numerus="yes">
            <source>%n fault(s): mend them, then save.</source>
            <translation>
                <numerusform>%n fault: mend it, then save.</numerusform>
                <numerusform>%n faults: mend them, then save.</numerusform>
            </translation>
        </message>
    </context>
</TS>
