<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
<context>
    <name>Announcements</name>
    <message numerus="yes">
        <source>%n run(s) ended since you last looked</source>
        <translation>
            <numerusform>上次查看之后有 %n 次训练已结束</numerusform>
        </translation>
    </message>
    <message>
        <source>Training has finished. Its model is ready.</source>
        <translation>训练已完成，模型可以使用。</translation>
    </message>
    <message>
        <source>Training has failed. The run says why and what is kept.</source>
        <translation>训练失败，原因和保留的内容见训练页面。</translation>
    </message>
    <message>
        <source>Training was cancelled.</source>
        <translation>训练已取消。</translation>
    </message>
    <message>
        <source>The import has failed.</source>
        <translation>导入失败。</translation>
    </message>
    <message>
        <source>The import was cancelled.</source>
        <translation>导入已取消。</translation>
    </message>
    <message>
        <source>The import has finished.</source>
        <translation>导入已完成。</translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) could not be read.</source>
        <translation>
            <numerusform>有 %n 项无法读取。</numerusform>
        </translation>
    </message>
    <message>
        <source>Show</source>
        <translation>查看</translation>
    </message>
</context>
<context>
    <name>AnswerView</name>
    <message>
        <source>Run again</source>
        <translation>重新运行</translation>
    </message>
    <message>
        <source>What it relied on for “{label}”</source>
        <translation>判断“{label}”的依据</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>What would help</source>
        <translation>怎样会更好</translation>
    </message>
    <message>
        <source>{model} · {milliseconds} ms · not checked on your site</source>
        <translation>{model} · {milliseconds} 毫秒 · 尚未在贵单位验证</translation>
    </message>
    <message>
        <source>Hide the earlier answer</source>
        <translation>隐藏先前的答案</translation>
    </message>
    <message>
        <source>Show the earlier answer</source>
        <translation>显示先前的答案</translation>
    </message>
    <message>
        <source>Hide the chances</source>
        <translation>隐藏概率</translation>
    </message>
    <message>
        <source>Show the chances anyway</source>
        <translation>仍要显示概率</translation>
    </message>
    <message>
        <source>This answer is for other inputs than those of now.</source>
        <translation>此答案针对的资料与当前资料不同。</translation>
    </message>
    <message>
        <source>This answer is by another model than the one in use.</source>
        <translation>此答案由另一个模型给出，不是当前使用的模型。</translation>
    </message>
    <message>
        <source>This answer is for other inputs, and by another model than the one in use.</source>
        <translation>此答案针对的资料与当前不同，且由另一个模型给出。</translation>
    </message>
    <message>
        <source>Your own view: not sure.</source>
        <translation>您的判断：不确定。</translation>
    </message>
    <message>
        <source>Your own view: {label}.</source>
        <translation>您的判断：{label}。</translation>
    </message>
    <message>
        <source>Your own view: {label}. It agrees.</source>
        <translation>您的判断：{label}，与答案一致。</translation>
    </message>
    <message>
        <source>Your own view: {label}. It differs.</source>
        <translation>您的判断：{label}，与答案不一致。</translation>
    </message>
</context>
<context>
    <name>AnswerWords</name>
    <message>
        <source>Suggests {label}</source>
        <translation>提示：{label}</translation>
    </message>
    <message>
        <source>Unclear: {labels}</source>
        <translation>不明确：{labels}</translation>
    </message>
    <message>
        <source>Not sure – no suggestion</source>
        <translation>不确定，不给出建议</translation>
    </message>
    <message>
        <source>On average over cases like the calibration cases, one of these is right in {right} of 100.</source>
        <translation>对与校准病例相似的病例，平均每 100 例中有 {right} 例的正确答案在其中。</translation>
    </message>
    <message>
        <source>{n} others</source>
        <translation>其余 {n} 项</translation>
    </message>
    <message>
        <source>{input}: a longer one that names the details</source>
        <translation>{input}：内容更长、写明细节的</translation>
    </message>
    <message>
        <source>{input}: a sharper one of the right kind</source>
        <translation>{input}：更清晰、类型正确的</translation>
    </message>
    <message>
        <source>{input}: a clear one of at least 5 seconds</source>
        <translation>{input}：清晰且至少 5 秒的</translation>
    </message>
    <message>
        <source>a longer note that names the symptoms</source>
        <translation>写明症状的更详细的文字</translation>
    </message>
    <message>
        <source>a sharper picture of the right kind</source>
        <translation>类型相符、更清晰的图片</translation>
    </message>
    <message>
        <source>a clear recording of at least 5 seconds</source>
        <translation>至少 5 秒的清晰录音</translation>
    </message>
    <message>
        <source>a note with the symptoms</source>
        <translation>描述症状的文字</translation>
    </message>
    <message>
        <source>a picture</source>
        <translation>一张图片</translation>
    </message>
    <message>
        <source>a recording</source>
        <translation>一段录音</translation>
    </message>
    <message>
        <source>{needed} would have been enough; without {spared} the answer is the same.</source>
        <translation>仅凭{needed}就已足够；没有{spared}，答案也相同。</translation>
    </message>
    <message>
        <source>{input}: there is none yet</source>
        <translation>{input}：尚未提供</translation>
    </message>
    <message>
        <source>Too few measured cases (n = {n}) to say how often it is right.</source>
        <translation>已测量的病例太少（n = {n}），无法说明正确率。</translation>
    </message>
    <message>
        <source>Of 100 validation cases with the same kinds of input, about {right} were answered right (n = {n}).</source>
        <translation>资料类型相同的 100 个验证病例中，约有 {right} 个回答正确（n = {n}）。</translation>
    </message>
    <message>
        <source>Of 100 validation cases of all kinds of input, about {right} were answered right (n = {n}).</source>
        <translation>各种资料类型的 100 个验证病例中，约有 {right} 个回答正确（n = {n}）。</translation>
    </message>
    <message>
        <source>{a} and {b} help each other.</source>
        <translation>{a}与{b}相互补充。</translation>
    </message>
    <message>
        <source>{a} and {b} say the same.</source>
        <translation>{a}与{b}说明的是同一件事。</translation>
    </message>
    <message>
        <source>{first} or {last}</source>
        <translation>{first}或{last}</translation>
    </message>
    <message>
        <source>Of 100 training cases with the same kinds of input, each answered by a council that had not seen it, about {right} were answered right (n = {n}).</source>
        <translation>资料类型相同的 100 个训练病例（每例均由未见过它的模型回答）中，约有 {right} 个回答正确（n = {n}）。</translation>
    </message>
    <message>
        <source>Of 100 training cases of all kinds of input, each answered by a council that had not seen it, about {right} were answered right (n = {n}).</source>
        <translation>各种资料类型的 100 个训练病例（每例均由未见过它的模型回答）中，约有 {right} 个回答正确（n = {n}）。</translation>
    </message>
    <message>
        <source>odds {times}</source>
        <translation>几率 {times}</translation>
    </message>
    <message>
        <source>Odds are the chance that “{label}” is right, divided by the chance that it is not. “odds × 3” means that this input made them three times as high, “odds ÷ 3” a third as high, on average over what the other inputs say.</source>
        <translation>几率是“{label}”为真的可能性除以不为真的可能性。“几率 × 3”表示此资料使几率变为三倍，“几率 ÷ 3”表示变为三分之一，均为在其他资料不同取舍下的平均。</translation>
    </message>
    <message>
        <source>The model read only the beginning of the note: {read} of {whole} characters.</source>
        <translation>模型只读取了文字的开头：{whole} 个字符中的 {read} 个。</translation>
    </message>
    <message>
        <source>The model heard only the loudest {read} of {whole} seconds of the recording.</source>
        <translation>模型只听取了录音中最响的 {read} 秒（共 {whole} 秒）。</translation>
    </message>
    <message>
        <source>{first} and {last}</source>
        <translation>{first}和{last}</translation>
    </message>
    <message>
        <source>hardly mattered</source>
        <translation>几乎没有影响</translation>
    </message>
    <message>
        <source>spoke strongly for it</source>
        <translation>强烈支持</translation>
    </message>
    <message>
        <source>spoke for it</source>
        <translation>支持</translation>
    </message>
    <message>
        <source>spoke strongly against it</source>
        <translation>强烈反对</translation>
    </message>
    <message>
        <source>spoke against it</source>
        <translation>反对</translation>
    </message>
    <message>
        <source>Only one answer fits at the chosen certainty.</source>
        <translation>在所选的把握程度下，只有一个答案符合。</translation>
    </message>
    <message>
        <source>More than one answer fits at the chosen certainty.</source>
        <translation>在所选的把握程度下，不止一个答案符合。</translation>
    </message>
    <message>
        <source>No input could be read.</source>
        <translation>没有可读的资料。</translation>
    </message>
    <message>
        <source>Taken together, the inputs are unlike the training data.</source>
        <translation>综合来看，这些资料与训练数据不相似。</translation>
    </message>
    <message>
        <source>The note is unlike the training data.</source>
        <translation>文字与训练数据不相似。</translation>
    </message>
    <message>
        <source>The picture is unlike the training data.</source>
        <translation>图片与训练数据不相似。</translation>
    </message>
    <message>
        <source>The recording is unlike the training data.</source>
        <translation>录音与训练数据不相似。</translation>
    </message>
    <message>
        <source>The note did not pass its quality check.</source>
        <translation>文字未通过质量检查。</translation>
    </message>
    <message>
        <source>The picture did not pass its quality check.</source>
        <translation>图片未通过质量检查。</translation>
    </message>
    <message>
        <source>The recording did not pass its quality check.</source>
        <translation>录音未通过质量检查。</translation>
    </message>
    <message>
        <source>No answer fits well enough.</source>
        <translation>没有足够符合的答案。</translation>
    </message>
    <message>
        <source>Too many answers fit to name one.</source>
        <translation>符合的答案太多，无法给出建议。</translation>
    </message>
    <message>
        <source>This model carries no thresholds, so no answer can be singled out.</source>
        <translation>此模型没有判定阈值，无法单独给出答案。</translation>
    </message>
    <message>
        <source>This model cannot compare the inputs with its training data.</source>
        <translation>此模型无法将资料与其训练数据比较。</translation>
    </message>
    <message>
        <source>Few training cases had exactly these inputs; so more answers stay open, to be safe.</source>
        <translation>资料组合相同的训练病例较少，因此为稳妥起见保留更多可能的答案。</translation>
    </message>
    <message>
        <source>Few training cases had exactly these inputs; how sure an answer may be was learned from fuller ones, by hiding the rest.</source>
        <translation>资料组合与此完全相同的训练病例较少；答案可有多大把握，是从资料更全的病例中隐去其余资料后得出的。</translation>
    </message>
    <message>
        <source>{input}: unlike the training data.</source>
        <translation>{input}：与训练数据不相似。</translation>
    </message>
    <message>
        <source>{input}: did not pass its quality check.</source>
        <translation>{input}：未通过质量检查。</translation>
    </message>
</context>
<context>
    <name>Banner</name>
    <message>
        <source>Try now</source>
        <translation>立即重试</translation>
    </message>
    <message>
        <source>The engine is out of reach. Showing what was read last; nothing is lost. Reconnecting (try {tries}).</source>
        <translation>暂时连接不上引擎。当前显示的是最近读取的内容，没有丢失任何数据。正在重新连接（第 {tries} 次）。</translation>
    </message>
</context>
<context>
    <name>BusyBars</name>
    <message>
        <source>How busy each module is</source>
        <translation>各模块的忙碌程度</translation>
    </message>
    <message>
        <source>text pieces</source>
        <translation>文本片段</translation>
    </message>
    <message>
        <source>picture pieces</source>
        <translation>图像片段</translation>
    </message>
    <message>
        <source>sound pieces</source>
        <translation>声音片段</translation>
    </message>
    <message>
        <source>module</source>
        <translation>模块</translation>
    </message>
    <message>
        <source>share of the layer</source>
        <translation>占该层比例</translation>
    </message>
    <message>
        <source>Module {module}: {share} % of the pieces of layer {layer}; the even share is {even} %</source>
        <translation>模块 {module}：处理第 {layer} 层 {share} % 的片段；平均份额为 {even} %</translation>
    </message>
</context>
<context>
    <name>CaseInputs</name>
    <message>
        <source>{group} (optional)</source>
        <translation>{group}（可选）</translation>
    </message>
    <message>
        <source>such as P-118</source>
        <translation>例如 P-118</translation>
    </message>
    <message>
        <source>Stop waiting</source>
        <translation>停止等待</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>Ctrl+Enter</source>
        <translation>Ctrl+Enter</translation>
    </message>
    <message>
        <source>Waiting for the engine.</source>
        <translation>正在等待引擎。</translation>
    </message>
    <message>
        <source>Reading the files.</source>
        <translation>正在读取文件。</translation>
    </message>
    <message>
        <source>No model yet. Train one, or open the demo project.</source>
        <translation>还没有模型。请先训练一个，或打开演示项目。</translation>
    </message>
    <message>
        <source>Add a note, a picture or a recording first.</source>
        <translation>请先添加文字、图片或录音。</translation>
    </message>
    <message>
        <source>Add one of these first: {inputs}.</source>
        <translation>请先添加其中之一：{inputs}。</translation>
    </message>
    <message>
        <source>{n} of {n} kinds of input. Ctrl+Enter runs.</source>
        <translation>资料齐全：{n} / {n} 类。按 Ctrl+Enter 运行。</translation>
    </message>
    <message>
        <source>{n} of {all} kinds of input. Runs without {missing}, with less certainty.</source>
        <translation>{all} 类资料中有 {n} 类。缺少{missing}也可运行，但把握较小。</translation>
    </message>
    <message>
        <source>the note</source>
        <translation>文字</translation>
    </message>
    <message>
        <source>Patient or client</source>
        <translation>患者或客户编号</translation>
    </message>
    <message>
        <source>the picture</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>the recording</source>
        <translation>录音</translation>
    </message>
    <message>
        <source> and </source>
        <translation>和</translation>
    </message>
    <message>
        <source>typed note</source>
        <translation>键入的文字</translation>
    </message>
</context>
<context>
    <name>CaseReport</name>
    <message>
        <source>Inputs</source>
        <translation>资料</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Case</source>
        <translation>病例</translation>
    </message>
    <message>
        <source>Report of {time}</source>
        <translation>报告时间：{time}</translation>
    </message>
    <message>
        <source>Patient or client</source>
        <translation>患者或客户编号</translation>
    </message>
    <message>
        <source>Answer</source>
        <translation>答案</translation>
    </message>
    <message>
        <source>No answer was asked for.</source>
        <translation>尚未请求答案。</translation>
    </message>
    <message>
        <source>This answer is for other inputs than those of now.</source>
        <translation>此答案针对的资料与当前资料不同。</translation>
    </message>
    <message>
        <source>Given on {time}; not checked on your site</source>
        <translation>答案给出时间：{time}；尚未在贵单位验证</translation>
    </message>
    <message>
        <source>Answer (preliminary)</source>
        <translation>答案（初步）</translation>
    </message>
    <message>
        <source>not sure</source>
        <translation>不确定</translation>
    </message>
    <message>
        <source>What it relied on for “{label}”</source>
        <translation>判断“{label}”的依据</translation>
    </message>
    <message>
        <source>Calibrated probabilities</source>
        <translation>校准后的概率</translation>
    </message>
    <message>
        <source>Calibrated probabilities, each label by itself</source>
        <translation>校准后的概率（每个标签各自独立）</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>What to do</source>
        <translation>处理建议</translation>
    </message>
    <message>
        <source>Own view</source>
        <translation>本人判断</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
</context>
<context>
    <name>CaseResult</name>
    <message>
        <source>Open Models</source>
        <translation>打开“模型”</translation>
    </message>
    <message>
        <source>No model yet – train one or open the demo project. Your case is kept.</source>
        <translation>还没有模型。请训练一个，或打开演示项目。您的病例已保存。</translation>
    </message>
    <message>
        <source>Add a note, a picture or a recording. One is enough, three are better.</source>
        <translation>请添加文字、图片或录音。有一种即可，三种更好。</translation>
    </message>
    <message>
        <source>Add one of these: {inputs}. One is enough, all are better.</source>
        <translation>请添加其中之一：{inputs}。一份即可，齐全更好。</translation>
    </message>
    <message>
        <source>Ready. Press Run to ask the council.</source>
        <translation>已就绪。按“运行”向专家组询问。</translation>
    </message>
    <message>
        <source>The council is getting ready…</source>
        <translation>专家组正在准备…</translation>
    </message>
    <message>
        <source>The council is at work…</source>
        <translation>专家组正在分析…</translation>
    </message>
</context>
<context>
    <name>CaseRouting</name>
    <message>
        <source>Who worked on it</source>
        <translation>由谁处理</translation>
    </message>
    <message>
        <source>As picture</source>
        <translation>以图显示</translation>
    </message>
    <message>
        <source>As table</source>
        <translation>以表显示</translation>
    </message>
</context>
<context>
    <name>CaseTable</name>
    <message>
        <source>Take out of the trash</source>
        <translation>移出回收站</translation>
    </message>
    <message>
        <source>Move to the trash</source>
        <translation>移到回收站</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
</context>
<context>
    <name>CaseTableModel</name>
    <message>
        <source>Case</source>
        <translation>病例</translation>
    </message>
    <message>
        <source>Inputs</source>
        <translation>资料</translation>
    </message>
    <message>
        <source>Outcome</source>
        <translation>结论</translation>
    </message>
    <message>
        <source>Answer</source>
        <translation>答案</translation>
    </message>
    <message>
        <source>Own view</source>
        <translation>本人判断</translation>
    </message>
    <message>
        <source>Patient or client</source>
        <translation>患者或客户编号</translation>
    </message>
    <message>
        <source>Added</source>
        <translation>添加时间</translation>
    </message>
    <message>
        <source>Answered</source>
        <translation>已有答案</translation>
    </message>
    <message>
        <source>none of them</source>
        <translation>均无</translation>
    </message>
    <message>
        <source>not sure</source>
        <translation>不确定</translation>
    </message>
</context>
<context>
    <name>CaseView</name>
    <message>
        <source>Back to the cases</source>
        <translation>返回病例列表</translation>
    </message>
    <message>
        <source>Undo (Ctrl+Z)</source>
        <translation>撤销 (Ctrl+Z)</translation>
    </message>
    <message>
        <source>Redo (Ctrl+Y)</source>
        <translation>重做 (Ctrl+Y)</translation>
    </message>
    <message>
        <source>Move this case to the trash</source>
        <translation>将此病例移到回收站</translation>
    </message>
    <message>
        <source>Name of the case</source>
        <translation>病例名称</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>报告</translation>
    </message>
    <message>
        <source>Copy as text</source>
        <translation>复制为文本</translation>
    </message>
    <message>
        <source>Save as PDF…</source>
        <translation>另存为 PDF…</translation>
    </message>
    <message>
        <source>Print…</source>
        <translation>打印…</translation>
    </message>
    <message>
        <source>No case is open.</source>
        <translation>没有打开的病例。</translation>
    </message>
    <message>
        <source>The report was copied.</source>
        <translation>报告已复制。</translation>
    </message>
    <message>
        <source>The report was not saved: {file} could not be written. Choose another folder, or free some space.</source>
        <translation>报告未保存：无法写入 {file}。请选择其他文件夹，或释放一些磁盘空间。</translation>
    </message>
    <message>
        <source>The report was saved.</source>
        <translation>报告已保存。</translation>
    </message>
    <message>
        <source>Add an input</source>
        <translation>添加资料</translation>
    </message>
    <message>
        <source>Remove an input</source>
        <translation>移除资料</translation>
    </message>
    <message>
        <source>Removed {name}.</source>
        <translation>已移除 {name}。</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Own view</source>
        <translation>本人判断</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>重命名</translation>
    </message>
    <message>
        <source>Moved to the trash: {name}</source>
        <translation>已移到回收站：{name}</translation>
    </message>
</context>
<context>
    <name>CaseViewer</name>
    <message>
        <source>What you add is shown here.</source>
        <translation>添加的资料显示在这里。</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>文字</translation>
    </message>
</context>
<context>
    <name>CasesView</name>
    <message>
        <source>Cases</source>
        <translation>病例</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>搜索</translation>
    </message>
    <message>
        <source>Search cases by name, group or label</source>
        <translation>按名称、编号或标签搜索病例</translation>
    </message>
    <message>
        <source>Which cases to show</source>
        <translation>显示哪些病例</translation>
    </message>
    <message>
        <source>All cases</source>
        <translation>全部病例</translation>
    </message>
    <message>
        <source>Dropped here</source>
        <translation>在此添加的</translation>
    </message>
    <message>
        <source>Training set</source>
        <translation>训练集</translation>
    </message>
    <message>
        <source>Validation set</source>
        <translation>验证集</translation>
    </message>
    <message>
        <source>Trash</source>
        <translation>回收站</translation>
    </message>
    <message>
        <source>New case</source>
        <translation>新建病例</translation>
    </message>
    <message>
        <source>No cases yet. Drop files anywhere in this window.</source>
        <translation>还没有病例。将文件拖到窗口任意位置即可。</translation>
    </message>
    <message>
        <source>Choose files…</source>
        <translation>选择文件…</translation>
    </message>
    <message>
        <source>Needs a look</source>
        <translation>需要查看</translation>
    </message>
    <message>
        <source>Unclear, not sure, or answered otherwise than your own view</source>
        <translation>不明确、不确定，或与您自己的判断不同</translation>
    </message>
    <message numerus="yes">
        <source>Needs a look: %n case(s)</source>
        <translation>
            <numerusform>需要查看：%n 个病例</numerusform>
        </translation>
    </message>
    <message>
        <source>Right-click a case, or press Delete, to take it out of the trash.</source>
        <translation>右键点击病例，或按 Delete，可将其移出回收站。</translation>
    </message>
    <message>
        <source>No case matches.</source>
        <translation>没有符合的病例。</translation>
    </message>
    <message numerus="yes">
        <source>%n case(s)</source>
        <translation>
            <numerusform>%n 个病例</numerusform>
        </translation>
    </message>
    <message>
        <source>No case needs a look.</source>
        <translation>没有需要查看的病例。</translation>
    </message>
    <message>
        <source>Show all cases</source>
        <translation>显示全部病例</translation>
    </message>
    <message>
        <source>Moved to the trash: {name}</source>
        <translation>已移到回收站：{name}</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
</context>
<context>
    <name>CellMap</name>
    <message>
        <source>{share} % even</source>
        <translation>平均 {share} %</translation>
    </message>
</context>
<context>
    <name>ChartCard</name>
    <message>
        <source>Table, picture, CSV</source>
        <translation>表格、图片、CSV</translation>
    </message>
    <message>
        <source>Show as table</source>
        <translation>显示为表格</translation>
    </message>
    <message>
        <source>Save as picture…</source>
        <translation>另存为图片…</translation>
    </message>
    <message>
        <source>Save as CSV…</source>
        <translation>另存为 CSV…</translation>
    </message>
    <message>
        <source>Copy the numbers</source>
        <translation>复制数据</translation>
    </message>
    <message>
        <source>Save as picture</source>
        <translation>另存为图片</translation>
    </message>
    <message>
        <source>Save as CSV</source>
        <translation>另存为 CSV</translation>
    </message>
</context>
<context>
    <name>CheckSentence</name>
    <message>
        <source>Check set</source>
        <translation>检查集</translation>
    </message>
    <message>
        <source>training cases this fold has not seen</source>
        <translation>本折未见过的训练病例</translation>
    </message>
    <message>
        <source>Not measured yet</source>
        <translation>尚未测量</translation>
    </message>
    <message>
        <source>It is measured after each pass over the training cases.</source>
        <translation>每过一轮训练病例测量一次。</translation>
    </message>
    <message>
        <source>Right in {count} of 100</source>
        <translation>每 100 例答对 {count} 例</translation>
    </message>
    <message>
        <source>All labels right in {count} of 100</source>
        <translation>每 100 例中 {count} 例的标签全部正确</translation>
    </message>
    <message>
        <source>Best so far: {best} of 100. Surprise at the truth (nll): {nll}.</source>
        <translation>目前最好：每 100 例答对 {best} 例。对真实答案的意外程度 (nll)：{nll}。</translation>
    </message>
    <message>
        <source>Of 100 single labels {count} are right.</source>
        <translation>每 100 个单独标签中有 {count} 个正确。</translation>
    </message>
</context>
<context>
    <name>ChoiceForm</name>
    <message>
        <source>Advanced</source>
        <translation>高级</translation>
    </message>
    <message>
        <source>The run</source>
        <translation>本次训练</translation>
    </message>
    <message>
        <source>The small model</source>
        <translation>小模型</translation>
    </message>
    <message>
        <source>Parts of the error and their weights</source>
        <translation>误差的组成与权重</translation>
    </message>
    <message>
        <source>How it learns</source>
        <translation>学习方式</translation>
    </message>
    <message>
        <source>Teachers</source>
        <translation>教师模型</translation>
    </message>
    <message>
        <source>Knowledge file</source>
        <translation>知识文件</translation>
    </message>
</context>
<context>
    <name>ClosingDialog</name>
    <message>
        <source>Training goes on in the background</source>
        <translation>训练将在后台继续</translation>
    </message>
    <message>
        <source>it goes on</source>
        <translation>仍在进行</translation>
    </message>
    <message>
        <source>{name}: {left}. The engine does not need this window.</source>
        <translation>{name}：{left}。引擎不需要此窗口。</translation>
    </message>
    <message>
        <source>Asking the engine to stop the run and keep what was learnt…</source>
        <translation>正在请引擎停止训练并保留已学到的内容…</translation>
    </message>
    <message>
        <source>Close window</source>
        <translation>关闭窗口</translation>
    </message>
    <message>
        <source>Stop and keep, then close</source>
        <translation>停止并保留，然后关闭</translation>
    </message>
    <message>
        <source>Stay</source>
        <translation>留在这里</translation>
    </message>
</context>
<context>
    <name>DomainWords</name>
    <message>
        <source>{domain} train {n}</source>
        <translation>{domain} 训练 {n}</translation>
    </message>
    <message>
        <source>{domain} val {n}</source>
        <translation>{domain} 验证 {n}</translation>
    </message>
    <message>
        <source>{domain} test {n}</source>
        <translation>{domain} 测试 {n}</translation>
    </message>
</context>
<context>
    <name>DropArea</name>
    <message>
        <source>Drop case files here</source>
        <translation>将病例文件拖到这里</translation>
    </message>
    <message>
        <source>notes (.txt)   pictures (.png .jpg)   recordings (.wav .flac .mp3 .ogg)</source>
        <translation>文字 (.txt)   图片 (.png .jpg)   录音 (.wav .flac .mp3 .ogg)</translation>
    </message>
    <message>
        <source>a whole folder, or a table of cases (.csv)</source>
        <translation>也可拖入整个文件夹，或病例表格 (.csv)</translation>
    </message>
    <message>
        <source>Choose files…</source>
        <translation>选择文件…</translation>
    </message>
    <message>
        <source>Try the demo case</source>
        <translation>试用演示病例</translation>
    </message>
</context>
<context>
    <name>DropCard</name>
    <message>
        <source>reading</source>
        <translation>读取中</translation>
    </message>
    <message>
        <source>ready</source>
        <translation>已就绪</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Type it</source>
        <translation>直接输入</translation>
    </message>
    <message>
        <source>Type or paste here</source>
        <translation>在此输入或粘贴文字</translation>
    </message>
    <message>
        <source>Use this text</source>
        <translation>使用这段文字</translation>
    </message>
    <message>
        <source>Add: {input}</source>
        <translation>添加{input}</translation>
    </message>
    <message>
        <source>Add a note file</source>
        <translation>添加文字文件</translation>
    </message>
    <message>
        <source>Add a picture</source>
        <translation>添加图片</translation>
    </message>
    <message>
        <source>Add a recording</source>
        <translation>添加录音</translation>
    </message>
    <message>
        <source>Drop a .txt file here, or type.</source>
        <translation>将 .txt 文件拖到这里，或直接输入。</translation>
    </message>
    <message>
        <source>Drop a .png or .jpg file here.</source>
        <translation>将 .png 或 .jpg 文件拖到这里。</translation>
    </message>
    <message>
        <source>Drop a .wav, .flac, .mp3 or .ogg file here.</source>
        <translation>将 .wav、.flac、.mp3 或 .ogg 文件拖到这里。</translation>
    </message>
    <message>
        <source>Type a note</source>
        <translation>输入文字</translation>
    </message>
    <message>
        <source>Type or paste the symptoms</source>
        <translation>输入或粘贴症状</translation>
    </message>
    <message>
        <source>Use this note</source>
        <translation>使用这段文字</translation>
    </message>
</context>
<context>
    <name>Durations</name>
    <message>
        <source>about {time} left</source>
        <translation>约剩 {time}</translation>
    </message>
    <message>
        <source>{n} s</source>
        <translation>{n} 秒</translation>
    </message>
    <message>
        <source>{n} min</source>
        <translation>{n} 分钟</translation>
    </message>
    <message>
        <source>{n} h</source>
        <translation>{n} 小时</translation>
    </message>
</context>
<context>
    <name>EngineLight</name>
    <message>
        <source>Engine busy {share} %</source>
        <translation>引擎忙 {share} %</translation>
    </message>
    <message>
        <source>No project</source>
        <translation>未打开项目</translation>
    </message>
    <message>
        <source>Engine starting</source>
        <translation>引擎启动中</translation>
    </message>
    <message>
        <source>Engine ready</source>
        <translation>引擎就绪</translation>
    </message>
    <message>
        <source>Engine busy</source>
        <translation>引擎忙</translation>
    </message>
    <message>
        <source>Engine offline</source>
        <translation>引擎离线</translation>
    </message>
    <message>
        <source>Engine stopped</source>
        <translation>引擎已停止</translation>
    </message>
</context>
<context>
    <name>ErrorCard</name>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Copy report</source>
        <translation>复制报告</translation>
    </message>
</context>
<context>
    <name>ErrorPanel</name>
    <message>
        <source>Error</source>
        <translation>误差</translation>
    </message>
    <message>
        <source>lower is better</source>
        <translation>越低越好</translation>
    </message>
    <message>
        <source>smooth</source>
        <translation>平滑</translation>
    </message>
    <message>
        <source>Smoothing of the curves</source>
        <translation>曲线平滑程度</translation>
    </message>
    <message>
        <source>logarithmic</source>
        <translation>对数坐标</translation>
    </message>
    <message>
        <source>Show all</source>
        <translation>显示全部</translation>
    </message>
    <message>
        <source>step</source>
        <translation>步</translation>
    </message>
    <message>
        <source>Error over the steps of the run</source>
        <translation>误差随训练步数的变化</translation>
    </message>
    <message>
        <source>The first numbers come after about 20 steps.</source>
        <translation>约 20 步后出现首批数据。</translation>
    </message>
    <message>
        <source>training</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>check set</source>
        <translation>检查集</translation>
    </message>
</context>
<context>
    <name>ExpertChip</name>
    <message>
        <source>Module {number}</source>
        <translation>模块 {number}</translation>
    </message>
</context>
<context>
    <name>FailureDialog</name>
    <message>
        <source>Something went wrong in the window</source>
        <translation>窗口出现了问题</translation>
    </message>
    <message>
        <source>Your cases and your training are safe: the engine keeps them. You can go on working.</source>
        <translation>您的病例和训练都是安全的，由引擎保存。您可以继续工作。</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>报告</translation>
    </message>
    <message>
        <source>Copy report</source>
        <translation>复制报告</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>继续</translation>
    </message>
</context>
<context>
    <name>FieldRow</name>
    <message>
        <source>a whole number</source>
        <translation>整数</translation>
    </message>
    <message>
        <source>a number</source>
        <translation>数字</translation>
    </message>
    <message>
        <source>Give {kind} from {low} to {high}.</source>
        <translation>请填写 {low} 到 {high} 之间的{kind}。</translation>
    </message>
    <message>
        <source>Give {kind} of at least {low}.</source>
        <translation>请填写不小于 {low} 的{kind}。</translation>
    </message>
    <message>
        <source>Give {kind} of at most {high}.</source>
        <translation>请填写不大于 {high} 的{kind}。</translation>
    </message>
    <message>
        <source>Give {kind}.</source>
        <translation>请填写{kind}。</translation>
    </message>
</context>
<context>
    <name>FirstRun</name>
    <message>
        <source>Welcome to Consilium</source>
        <translation>欢迎使用 Consilium</translation>
    </message>
    <message>
        <source>Nothing leaves this computer.</source>
        <translation>任何数据都不会离开这台电脑。</translation>
    </message>
    <message>
        <source>1  Language</source>
        <translation>1  语言</translation>
    </message>
    <message>
        <source>2  Where to keep your cases</source>
        <translation>2  病例保存在哪里</translation>
    </message>
    <message>
        <source>3  Or look around first</source>
        <translation>3  或者先看看</translation>
    </message>
    <message>
        <source>A project is a folder: your cases, models and training runs are kept in it.</source>
        <translation>项目是一个文件夹，病例、模型和训练记录都保存在其中。</translation>
    </message>
    <message>
        <source>A small model that was trained by this very program is ready; no download is needed.</source>
        <translation>已备有由本程序训练的小模型，无需下载。</translation>
    </message>
    <message>
        <source>New project…</source>
        <translation>新建项目…</translation>
    </message>
    <message>
        <source>Open project…</source>
        <translation>打开项目…</translation>
    </message>
    <message>
        <source>Open the demo</source>
        <translation>打开演示</translation>
    </message>
    <message>
        <source>Making the demo project…</source>
        <translation>正在创建演示项目…</translation>
    </message>
    <message>
        <source>Research use only. Not cleared as a medical device. Do not use to decide on a patient&apos;s care.</source>
        <translation>仅供科研使用。未获医疗器械注册，不得用于患者诊疗决策。</translation>
    </message>
</context>
<context>
    <name>FootStrip</name>
    <message>
        <source>Details</source>
        <translation>详情</translation>
    </message>
    <message>
        <source>Goes on when the window is closed</source>
        <translation>关闭窗口后仍会继续</translation>
    </message>
</context>
<context>
    <name>Heatmap</name>
    <message>
        <source>Which module works on how many pieces, layer by layer</source>
        <translation>逐层显示每个模块处理了多少片段</translation>
    </message>
    <message>
        <source>Layer {layer}, module {module}: {share} % of all pieces, {times} times its even share ({count} pieces)</source>
        <translation>第 {layer} 层，模块 {module}：全部片段的 {share} %，为平均份额的 {times} 倍（{count} 个片段）</translation>
    </message>
    <message>
        <source>Layer {layer}, module {module}: {share} % of the text pieces, {times} times its even share ({count} pieces)</source>
        <translation>第 {layer} 层，模块 {module}：文本片段的 {share} %，为平均份额的 {times} 倍（{count} 个片段）</translation>
    </message>
    <message>
        <source>Layer {layer}, module {module}: {share} % of the picture pieces, {times} times its even share ({count} pieces)</source>
        <translation>第 {layer} 层，模块 {module}：图像片段的 {share} %，为平均份额的 {times} 倍（{count} 个片段）</translation>
    </message>
    <message>
        <source>Layer {layer}, module {module}: {share} % of the sound pieces, {times} times its even share ({count} pieces)</source>
        <translation>第 {layer} 层，模块 {module}：声音片段的 {share} %，为平均份额的 {times} 倍（{count} 个片段）</translation>
    </message>
    <message>
        <source>layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>module</source>
        <translation>模块</translation>
    </message>
    <message>
        <source>pieces</source>
        <translation>片段</translation>
    </message>
    <message>
        <source>share of the layer</source>
        <translation>占该层比例</translation>
    </message>
    <message>
        <source>layer {number}</source>
        <translation>第 {number} 层</translation>
    </message>
</context>
<context>
    <name>HelpDialog</name>
    <message>
        <source>Help</source>
        <translation>帮助</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>页面</translation>
    </message>
    <message>
        <source>Shortcuts</source>
        <translation>快捷键</translation>
    </message>
    <message>
        <source>About</source>
        <translation>关于</translation>
    </message>
    <message>
        <source>choose files</source>
        <translation>选择文件</translation>
    </message>
    <message>
        <source>new case</source>
        <translation>新建病例</translation>
    </message>
    <message>
        <source>search commands</source>
        <translation>搜索命令</translation>
    </message>
    <message>
        <source>run</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>undo, redo</source>
        <translation>撤销、重做</translation>
    </message>
    <message>
        <source>save the knowledge file</source>
        <translation>保存知识文件</translation>
    </message>
    <message>
        <source>go to a place</source>
        <translation>切换页面</translation>
    </message>
    <message>
        <source>new project</source>
        <translation>新建项目</translation>
    </message>
    <message>
        <source>open project</source>
        <translation>打开项目</translation>
    </message>
    <message>
        <source>larger, smaller, usual text</source>
        <translation>放大、缩小、恢复文字大小</translation>
    </message>
    <message>
        <source>settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>help</source>
        <translation>帮助</translation>
    </message>
    <message>
        <source>quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Delete</translation>
    </message>
    <message>
        <source>list of cases: into the trash; in the trash: out of it</source>
        <translation>病例列表：移到回收站；在回收站中：移出</translation>
    </message>
    <message>
        <source>picture: larger, smaller, fit</source>
        <translation>图片：放大、缩小、适合窗口</translation>
    </message>
    <message>
        <source>picture: invert, reset</source>
        <translation>图片：反色、还原</translation>
    </message>
    <message>
        <source>Space</source>
        <translation>空格</translation>
    </message>
    <message>
        <source>recording: play, stop</source>
        <translation>录音：播放、停止</translation>
    </message>
    <message>
        <source>Research use only. Not cleared as a medical device. Do not use to decide on a patient&apos;s care.</source>
        <translation>仅供科研使用。未获医疗器械注册，不得用于患者诊疗决策。</translation>
    </message>
    <message>
        <source>Built with Qt for Python (LGPL-3.0), pyqtgraph, NumPy, pydantic, superqt and QtAwesome.</source>
        <translation>使用 Qt for Python (LGPL-3.0)、pyqtgraph、NumPy、pydantic、superqt 和 QtAwesome 构建。</translation>
    </message>
    <message>
        <source>Consilium is free software under the Apache Licence 2.0.</source>
        <translation>Consilium 是自由软件，采用 Apache 2.0 许可证。</translation>
    </message>
</context>
<context>
    <name>HomeView</name>
    <message>
        <source>Model in use</source>
        <translation>使用的模型</translation>
    </message>
    <message>
        <source>No model yet – train one or open the demo project. Files you drop are kept.</source>
        <translation>还没有模型。请训练一个，或打开演示项目。拖入的文件会保留。</translation>
    </message>
    <message>
        <source>Recent cases</source>
        <translation>最近的病例</translation>
    </message>
    <message>
        <source>No cases yet. Drop files above, or try the demo case.</source>
        <translation>还没有病例。将文件拖到上方，或试用演示病例。</translation>
    </message>
    <message>
        <source>Recent training</source>
        <translation>最近的训练</translation>
    </message>
    <message>
        <source>No training yet. Start one under Training.</source>
        <translation>还没有训练。可在“训练”中开始。</translation>
    </message>
    <message>
        <source>synthetic demo; </source>
        <translation>合成演示；</translation>
    </message>
    <message>
        <source>Waiting for the engine…</source>
        <translation>正在等待引擎…</translation>
    </message>
    <message>
        <source>{n} of {all} inputs</source>
        <translation>{all} 类资料中有 {n} 类</translation>
    </message>
    <message>
        <source>no answer yet</source>
        <translation>尚无答案</translation>
    </message>
    <message>
        <source>an answer is there</source>
        <translation>已有答案</translation>
    </message>
</context>
<context>
    <name>ImportWizard</name>
    <message>
        <source>Import a table</source>
        <translation>导入表格</translation>
    </message>
    <message numerus="yes">
        <source>%n more table(s) after this one</source>
        <translation>
            <numerusform>之后还有 %n 个表格</numerusform>
        </translation>
    </message>
    <message>
        <source>A case may have several of these labels, or none</source>
        <translation>一个病例可有多个标签，也可没有</translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) could not be read</source>
        <translation>
            <numerusform>有 %n 项无法读取</numerusform>
        </translation>
    </message>
    <message>
        <source>Show the cases</source>
        <translation>查看病例</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>导入</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Reading the table…</source>
        <translation>正在读取表格…</translation>
    </message>
    <message>
        <source>Sending file {done} of {total}…</source>
        <translation>正在发送第 {done} 个文件，共 {total} 个…</translation>
    </message>
    <message>
        <source>Reading row {done} of {total}…</source>
        <translation>正在读取第 {done} 行，共 {total} 行…</translation>
    </message>
    <message>
        <source>The engine is taking the cases in…</source>
        <translation>引擎正在接收病例…</translation>
    </message>
    <message numerus="yes">
        <source>%n row(s)</source>
        <translation>
            <numerusform>%n 行</numerusform>
        </translation>
    </message>
    <message>
        <source>, read as {encoding}</source>
        <translation>，按 {encoding} 读取</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) to read</source>
        <translation>
            <numerusform>需读取 %n 个文件</numerusform>
        </translation>
    </message>
    <message>
        <source>Answers ({n}): {labels}</source>
        <translation>答案（{n} 种）：{labels}</translation>
    </message>
    <message>
        <source>Cases of one “{column}” stay together.</source>
        <translation>同一“{column}”的病例会放在一起。</translation>
    </message>
    <message>
        <source>No column says which cases belong to one person; each counts as its own.</source>
        <translation>没有哪一列说明哪些病例属于同一个人；每例单独计算。</translation>
    </message>
    <message>
        <source>Licence: {licence}</source>
        <translation>许可：{licence}</translation>
    </message>
    <message>
        <source>Image findings ({columns}): {names}</source>
        <translation>图像所见（{columns}）：{names}</translation>
    </message>
    <message>
        <source>Sound findings ({columns}): {names}</source>
        <translation>声音所见（{columns}）：{names}</translation>
    </message>
    <message>
        <source>{name} in {seen} of {looked}</source>
        <translation>{name}：{looked} 例中有 {seen} 例</translation>
    </message>
    <message>
        <source>Where a cell of these is empty, nobody looked.</source>
        <translation>这些列中单元格为空，表示没有人查看过。</translation>
    </message>
    <message>
        <source>Each of these columns of 0 and 1 is a label: {columns}</source>
        <translation>以下每个 0/1 列各为一个标签：{columns}</translation>
    </message>
    <message>
        <source>“{column}” holds any number of labels a case, parted by ; or |</source>
        <translation>“{column}”列中每个病例可有任意个标签，以 ; 或 | 分隔</translation>
    </message>
    <message>
        <source>“{column}” holds the one answer of each case</source>
        <translation>“{column}”列为每个病例的唯一答案</translation>
    </message>
</context>
<context>
    <name>ImportWords</name>
    <message>
        <source>The cases came in.</source>
        <translation>病例已导入。</translation>
    </message>
    <message numerus="yes">
        <source>%n case(s) came in.</source>
        <translation>
            <numerusform>已导入 %n 个病例。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n case(s) were already here, {changed} changed, {new} new.</source>
        <translation>
            <numerusform>%n 个病例原已存在，{changed} 个有更改，{new} 个为新增。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n case(s) of before are not in this table; they stay.</source>
        <translation>
            <numerusform>另有 %n 个原有病例不在此表中，予以保留。</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Intake</name>
    <message>
        <source>There is nothing in it that opens here.</source>
        <translation>其中没有可在此打开的文件。</translation>
    </message>
    <message>
        <source>{named} and {n} more</source>
        <translation>{named} 及另外 {n} 个</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) were left out: {names}.</source>
        <translation>
            <numerusform>有 %n 个文件未被读取：{names}。</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Knowledge</name>
    <message>
        <source>version {n}: {counts}</source>
        <translation>第 {n} 版：{counts}</translation>
    </message>
    <message>
        <source>version {n}</source>
        <translation>第 {n} 版</translation>
    </message>
</context>
<context>
    <name>KnowledgeChoice</name>
    <message>
        <source>Knowledge file…</source>
        <translation>知识文件…</translation>
    </message>
    <message>
        <source>Use the knowledge file</source>
        <translation>使用知识文件</translation>
    </message>
    <message>
        <source>Knowledge file, {version}</source>
        <translation>知识文件，{version}</translation>
    </message>
    <message>
        <source>Knowledge file: none yet</source>
        <translation>知识文件：还没有</translation>
    </message>
    <message>
        <source>no</source>
        <translation>不使用</translation>
    </message>
</context>
<context>
    <name>KnowledgeFindings</name>
    <message numerus="yes">
        <source>Knowledge file, version {n}: the data speak against %n rule(s)</source>
        <translation>
            <numerusform>知识文件第 {n} 版：有 %n 条规则与数据相反</numerusform>
        </translation>
    </message>
    <message>
        <source>It learned with the knowledge file, version {n}</source>
        <translation>训练时使用了知识文件第 {n} 版</translation>
    </message>
    <message>
        <source>What became of it</source>
        <translation>知识的作用</translation>
    </message>
</context>
<context>
    <name>KnowledgeSide</name>
    <message>
        <source>Not described yet: {names}.</source>
        <translation>尚未说明：{names}。</translation>
    </message>
    <message>
        <source>Nothing is written yet.</source>
        <translation>还没有内容。</translation>
    </message>
    <message>
        <source>Not checked: the engine is out of reach. Your text is kept.</source>
        <translation>未检查：暂时连不上引擎。您的文字已保留。</translation>
    </message>
    <message numerus="yes">
        <source>%n fault(s): mend them, then save.</source>
        <translation>
            <numerusform>有 %n 处错误，改好后即可保存。</numerusform>
        </translation>
    </message>
    <message>
        <source>No fault.</source>
        <translation>没有错误。</translation>
    </message>
</context>
<context>
    <name>KnowledgeStart</name>
    <message>
        <source>Nobody has written down yet what an expert knows of these cases: what each answer means, and which findings speak for it.</source>
        <translation>还没有人写下专家对这些病例的认识：每个答案是什么意思，哪些所见支持它。</translation>
    </message>
    <message>
        <source>Start from the labels</source>
        <translation>从标签开始</translation>
    </message>
    <message>
        <source>Import from a file…</source>
        <translation>从文件导入…</translation>
    </message>
</context>
<context>
    <name>KnowledgeTools</name>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>重做</translation>
    </message>
    <message>
        <source>Import, export, start from the labels</source>
        <translation>导入、导出、从标签开始</translation>
    </message>
    <message>
        <source>Import from a file…</source>
        <translation>从文件导入…</translation>
    </message>
    <message>
        <source>Export to a file…</source>
        <translation>导出到文件…</translation>
    </message>
    <message>
        <source>Start from the labels</source>
        <translation>从标签开始</translation>
    </message>
    <message>
        <source>Data set</source>
        <translation>数据集</translation>
    </message>
    <message>
        <source>Versions</source>
        <translation>版本</translation>
    </message>
</context>
<context>
    <name>KnowledgeView</name>
    <message>
        <source>Knowledge file</source>
        <translation>知识文件</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Knowledge file; Esc leaves the text</source>
        <translation>知识文件；按 Esc 离开文本</translation>
    </message>
    <message>
        <source>There are no labelled cases yet. Drop a table with answers on Home, or start the demo run.</source>
        <translation>还没有带答案的病例。请在主页拖入带答案的表格，或开始演示训练。</translation>
    </message>
    <message>
        <source>Go to Training</source>
        <translation>前往训练</translation>
    </message>
    <message>
        <source>saved as version {n}</source>
        <translation>已保存为第 {n} 版</translation>
    </message>
    <message>
        <source>not saved yet</source>
        <translation>尚未保存</translation>
    </message>
    <message>
        <source>Import from a file…</source>
        <translation>从文件导入…</translation>
    </message>
    <message>
        <source>Export to a file…</source>
        <translation>导出到文件…</translation>
    </message>
</context>
<context>
    <name>KnowledgeWords</name>
    <message numerus="yes">
        <source>%n label(s)</source>
        <translation>
            <numerusform>%n 个标签</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n finding(s)</source>
        <translation>
            <numerusform>%n 个所见</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n rule(s)</source>
        <translation>
            <numerusform>%n 条规则</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n specialist(s)</source>
        <translation>
            <numerusform>%n 个专家</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Ledger</name>
    <message>
        <source>none of them</source>
        <translation>均无</translation>
    </message>
    <message>
        <source>Only {n} cases: too few to say what this model kept of {name}.</source>
        <translation>只有 {n} 个病例，不足以说明此模型从 {name} 学到了多少。</translation>
    </message>
    <message>
        <source>{name} was never right on these cases: there was nothing to keep.</source>
        <translation>{name} 在这些病例上从未答对，没有可以保留的。</translation>
    </message>
    <message>
        <source>This model keeps {share} % of the accuracy of {name} (95 % interval {low} to {high} %).</source>
        <translation>此模型保留了 {name} 准确率的 {share} %（95 % 区间 {low} 至 {high} %）。</translation>
    </message>
    <message>
        <source>It answers {ratio} times as fast.</source>
        <translation>作答速度是其 {ratio} 倍。</translation>
    </message>
    <message>
        <source>this model in {ours}, the teacher in {theirs}</source>
        <translation>此模型 {ours}，教师模型 {theirs}</translation>
    </message>
    <message>
        <source>in {share} of these cases</source>
        <translation>占这些病例的 {share}</translation>
    </message>
    <message>
        <source>Right</source>
        <translation>答对</translation>
    </message>
    <message>
        <source>All labels right (exact match)</source>
        <translation>标签全部正确（完全匹配）</translation>
    </message>
    <message>
        <source>Same answer</source>
        <translation>答案一致</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>速度</translation>
    </message>
    <message>
        <source>the teacher is no network of this run: there is nothing to compare</source>
        <translation>该教师不是此次训练中的网络，无从比较</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>规模</translation>
    </message>
    <message>
        <source>{ours} instead of {theirs}</source>
        <translation>{ours}，教师模型为 {theirs}</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>about as fast ({low} to {high} times)</source>
        <translation>速度相当（{low} 至 {high} 倍）</translation>
    </message>
    <message>
        <source>{ratio} times as fast ({low} to {high})</source>
        <translation>速度为 {ratio} 倍（{low} 至 {high}）</translation>
    </message>
    <message>
        <source>takes {ratio} times as long ({low} to {high})</source>
        <translation>用时为 {ratio} 倍（{low} 至 {high}）</translation>
    </message>
    <message>
        <source>one case at a time: {said}, {ours} instead of {theirs} ms</source>
        <translation>逐个病例：{said}，{ours} 毫秒对 {theirs} 毫秒</translation>
    </message>
    <message>
        <source>{n} cases at once: {said}, {ours} instead of {theirs} ms</source>
        <translation>一次 {n} 个病例：{said}，{ours} 毫秒对 {theirs} 毫秒</translation>
    </message>
    <message>
        <source>{ours} of weights instead of {theirs}</source>
        <translation>权重 {ours}，教师模型为 {theirs}</translation>
    </message>
    <message>
        <source>at work on 32 cases {ours} more instead of {theirs}</source>
        <translation>处理 32 个病例时另需 {ours}，教师模型为 {theirs}</translation>
    </message>
    <message>
        <source>; </source>
        <translation>；</translation>
    </message>
    <message>
        <source>{n} training cases, each answered by a model that had never seen it · recipe {recipe} · seed {seed}</source>
        <translation>{n} 个训练病例，每个都由没有见过它的模型作答 · 方案 {recipe} · 随机种子 {seed}</translation>
    </message>
    <message>
        <source>the student of a fold learned from {learned} cases, its teachers from {taught}</source>
        <translation>每折的学生模型学习了 {learned} 个病例，其教师学习了 {taught} 个</translation>
    </message>
    <message>
        <source>Speed was measured on {machine}, one thread, forward passes alone.</source>
        <translation>速度测于 {machine}，单线程，仅前向计算。</translation>
    </message>
    <message>
        <source>this computer</source>
        <translation>本机</translation>
    </message>
    <message>
        <source>The computer was busy with other things meanwhile: take the times as rough.</source>
        <translation>测量时计算机还在忙别的事，时间仅供粗略参考。</translation>
    </message>
    <message>
        <source>When it says how sure it is, this model is off by {ours} points on average, the teacher by {theirs} points (ECE; 0 is best).</source>
        <translation>给出把握程度时，此模型平均偏差 {ours} 个百分点，教师模型 {theirs} 个百分点（ECE，0 为最好）。</translation>
    </message>
    <message>
        <source>this model</source>
        <translation>此模型</translation>
    </message>
    <message>
        <source>teacher</source>
        <translation>教师模型</translation>
    </message>
    <message>
        <source>agree</source>
        <translation>一致</translation>
    </message>
    <message>
        <source>cases</source>
        <translation>病例</translation>
    </message>
    <message>
        <source>too few</source>
        <translation>太少</translation>
    </message>
    <message>
        <source>better</source>
        <translation>更好</translation>
    </message>
    <message>
        <source>worse</source>
        <translation>更差</translation>
    </message>
    <message>
        <source>a tie</source>
        <translation>持平</translation>
    </message>
    <message>
        <source>The same model without teachers</source>
        <translation>没有教师的同一模型</translation>
    </message>
    <message>
        <source>A dense network of the same cost, with teachers</source>
        <translation>计算量相同的稠密网络（有教师）</translation>
    </message>
    <message>
        <source>Right in {share}. This model minus the control: {gain} points (95 % interval {low} to {high}).</source>
        <translation>答对 {share}。此模型减去对照：{gain} 个百分点（95 % 区间 {low} 至 {high}）。</translation>
    </message>
    <message>
        <source>All labels right in {share}. This model minus the control: {gain} points (95 % interval {low} to {high}).</source>
        <translation>标签全部正确 {share}。此模型减去对照：{gain} 个百分点（95 % 区间 {low} 至 {high}）。</translation>
    </message>
    <message>
        <source>They never part ways.</source>
        <translation>两者从无分歧。</translation>
    </message>
    <message>
        <source>They part ways on {n} cases: this model alone is right in {ours}, the teacher alone in {theirs}, neither in {none}.</source>
        <translation>两者在 {n} 个病例上有分歧：只有此模型答对 {ours} 个，只有教师模型答对 {theirs} 个，都没答对 {none} 个。</translation>
    </message>
    <message>
        <source>The {n} that part them most are listed; a click opens the case.</source>
        <translation>下面列出分歧最大的 {n} 个，点击即可打开病例。</translation>
    </message>
    <message>
        <source>A click opens the case.</source>
        <translation>点击即可打开病例。</translation>
    </message>
    <message>
        <source>truth: {truth} · this model: {ours}, {sure} % · teacher: {theirs}, {their_sure} %</source>
        <translation>正确答案：{truth} · 此模型：{ours}，{sure} % · 教师模型：{theirs}，{their_sure} %</translation>
    </message>
    <message>
        <source>this model is right</source>
        <translation>此模型答对</translation>
    </message>
    <message>
        <source>the teacher is right</source>
        <translation>教师模型答对</translation>
    </message>
    <message>
        <source>neither is right</source>
        <translation>都没答对</translation>
    </message>
</context>
<context>
    <name>LedgerPage</name>
    <message>
        <source>Right in % of cases, by true answer (95 % interval)</source>
        <translation>按正确答案分组的答对率 %（95 % 区间）</translation>
    </message>
    <message>
        <source>Right in % of cases, by kinds of input (95 % interval)</source>
        <translation>按资料类型分组的答对率 %（95 % 区间）</translation>
    </message>
    <message>
        <source>How sure they are</source>
        <translation>把握程度</translation>
    </message>
    <message>
        <source>Compare with</source>
        <translation>对比对象</translation>
    </message>
    <message>
        <source>What the teachers and the modules were worth</source>
        <translation>教师和专家模块的价值</translation>
    </message>
    <message>
        <source>Nothing to compare with: this run trained no controls. Tick “Controls for the ledger” in the form of the next run.</source>
        <translation>没有可比较的：此次训练没有做对照。下次训练时请在表单中勾选“对照实验”。</translation>
    </message>
    <message>
        <source>Where they part ways</source>
        <translation>两者的分歧</translation>
    </message>
    <message>
        <source>They give the same answer to every case.</source>
        <translation>两者对每个病例的答案都相同。</translation>
    </message>
    <message>
        <source>All labels right in % of the cases that bear one (95 % interval)</source>
        <translation>带有该标签的病例中标签全部正确的百分比（95 % 区间）</translation>
    </message>
    <message>
        <source>All labels right in % of cases, by kinds of input (95 % interval)</source>
        <translation>标签全部正确的病例百分比，按资料类别（95 % 区间）</translation>
    </message>
    <message>
        <source>true answer</source>
        <translation>正确答案</translation>
    </message>
    <message>
        <source>bears</source>
        <translation>带有的标签</translation>
    </message>
    <message>
        <source>kinds of input</source>
        <translation>资料类型</translation>
    </message>
</context>
<context>
    <name>LedgerView</name>
    <message>
        <source>What it kept of its teachers</source>
        <translation>从教师那里学到了多少</translation>
    </message>
    <message>
        <source>All models</source>
        <translation>所有模型</translation>
    </message>
    <message>
        <source>No ledger was kept of this model: it was made before there were ledgers, or from too few cases.</source>
        <translation>此模型没有对照账：它训练时还没有这项记录，或病例太少。</translation>
    </message>
    <message>
        <source>This model learned from no teacher.</source>
        <translation>此模型没有向教师学习。</translation>
    </message>
</context>
<context>
    <name>Lines</name>
    <message>
        <source>Checkpoint saved at step {step}.</source>
        <translation>已在第 {step} 步保存检查点。</translation>
    </message>
    <message>
        <source>Module {expert} of layer {layer} did almost nothing in the last check.</source>
        <translation>第 {layer} 层的模块 {expert} 在最近一次检查中几乎没有工作。</translation>
    </message>
    <message>
        <source>Nearly all work of layer {layer} goes to one module.</source>
        <translation>第 {layer} 层的工作几乎都落在一个模块上。</translation>
    </message>
    <message>
        <source>The model hardly uses one input ({modality}): without it the check set comes out the same.</source>
        <translation>模型几乎不使用其中一类资料（{modality}）：去掉后检查集结果不变。</translation>
    </message>
    <message>
        <source>The check set has been getting worse; the model is likely memorising.</source>
        <translation>检查集结果持续变差；模型可能在死记硬背。</translation>
    </message>
    <message>
        <source>Computing on {sentence}.</source>
        <translation>计算设备：{sentence}。</translation>
    </message>
    <message>
        <source>Gone on from the last checkpoint (start {attempt}).</source>
        <translation>已从最近的检查点继续（第 {attempt} 次启动）。</translation>
    </message>
    <message>
        <source>It was stopped before there was anything to keep.</source>
        <translation>停止时尚无可保留的内容。</translation>
    </message>
    <message>
        <source>The model is kept, but not everything of it could be measured.</source>
        <translation>模型已保留，但有些指标未能测量。</translation>
    </message>
    <message>
        <source>The model it started from was trained on other folds: all starts afresh.</source>
        <translation>起始模型的分折不同：全部重新开始。</translation>
    </message>
    <message>
        <source>Order of the answers, from least to most: {order}.</source>
        <translation>答案的次序（由低到高）：{order}。</translation>
    </message>
    <message>
        <source>The teacher {teacher} reads {items} things; its lessons will take {megabytes} MB on the disk.</source>
        <translation>教师 {teacher} 将读取 {items} 项资料；其教学内容将占用 {megabytes} MB 磁盘空间。</translation>
    </message>
    <message>
        <source>The encoder {encoder} reads {items} things once; what it makes of them will take {megabytes} MB on the disk.</source>
        <translation>编码器 {encoder} 将把 {items} 项资料各读取一次；其结果将占用 {megabytes} MB 磁盘空间。</translation>
    </message>
    <message>
        <source>{name} answers for {known} of {cases} training cases; {strangers} of its rows belong to none.</source>
        <translation>{name} 回答了 {cases} 个训练病例中的 {known} 个；其中 {strangers} 行不属于任何训练病例。</translation>
    </message>
    <message>
        <source>{teacher} knows nothing of {cases} of {known} training cases ({fold}): all others outside their groups have the same label. Give cases with different labels the same group only where they belong together.</source>
        <translation>{teacher} 对 {known} 个训练病例中的 {cases} 个（{fold}）无从判断：其分组之外的病例标签全部相同。请仅将确属同一来源的病例设为同组。</translation>
    </message>
    <message>
        <source>The language model {teacher} reads {limit} tokens: the labels&apos; descriptions were shortened to leave room for the cases&apos; texts.</source>
        <translation>语言模型 {teacher} 可读取 {limit} 个词元：已缩短标签说明，为病例文本留出空间。</translation>
    </message>
    <message>
        <source>All cases of {labels} belong to one patient or group: what the model says of it could not be checked on others.</source>
        <translation>{labels} 的全部病例都属于同一位患者或同一分组：模型对它的判断无法用其他病例检验。</translation>
    </message>
    <message>
        <source>The folds say: {epoch} of at most {epochs} passes are best.</source>
        <translation>各折结果表明：最多 {epochs} 轮中以 {epoch} 轮为最佳。</translation>
    </message>
</context>
<context>
    <name>Lists</name>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
</context>
<context>
    <name>LivePlot</name>
    <message>
        <source>step</source>
        <translation>步</translation>
    </message>
</context>
<context>
    <name>LogPanel</name>
    <message>
        <source>Events</source>
        <translation>事件</translation>
    </message>
    <message>
        <source>Nothing yet.</source>
        <translation>暂无。</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Home</source>
        <translation>主页</translation>
    </message>
    <message>
        <source>Cases</source>
        <translation>病例</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>帮助</translation>
    </message>
</context>
<context>
    <name>ModalityLegend</name>
    <message>
        <source>Text</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>图像</translation>
    </message>
    <message>
        <source>Sound</source>
        <translation>声音</translation>
    </message>
</context>
<context>
    <name>ModalityWords</name>
    <message>
        <source>Text</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>图像</translation>
    </message>
    <message>
        <source>Sound</source>
        <translation>声音</translation>
    </message>
    <message>
        <source>Synthetic demo – meaningless for patients</source>
        <translation>合成演示数据，对患者没有意义</translation>
    </message>
    <message>
        <source>Synthetic demo – meaningless for real cases</source>
        <translation>合成演示数据，对真实案件没有意义</translation>
    </message>
    <message>
        <source>Research use only. Not cleared as a medical device. Do not use to decide on a patient&apos;s care.</source>
        <translation>仅供科研使用。未获医疗器械注册，不得用于患者诊疗决策。</translation>
    </message>
    <message>
        <source>Suggests</source>
        <translation>有提示</translation>
    </message>
    <message>
        <source>Unclear</source>
        <translation>不明确</translation>
    </message>
    <message>
        <source>Not sure</source>
        <translation>不确定</translation>
    </message>
    <message>
        <source>blank</source>
        <translation>空白</translation>
    </message>
    <message>
        <source>blurred</source>
        <translation>模糊</translation>
    </message>
    <message>
        <source>very small</source>
        <translation>尺寸很小</translation>
    </message>
    <message>
        <source>silent</source>
        <translation>无声</translation>
    </message>
    <message>
        <source>very short</source>
        <translation>很短</translation>
    </message>
    <message>
        <source>overdriven</source>
        <translation>音量过载</translation>
    </message>
    <message>
        <source>empty</source>
        <translation>空</translation>
    </message>
    <message>
        <source>cut off</source>
        <translation>被截断</translation>
    </message>
    <message>
        <source>not tested yet</source>
        <translation>尚未测试</translation>
    </message>
    <message>
        <source>too few measured cases (n = {n}) to say how often it is right</source>
        <translation>已测量的病例太少（n = {n}），无法说明正确率</translation>
    </message>
    <message>
        <source>measured on {n} cases, right in {right} of 100 (95 % interval {low} to {high})</source>
        <translation>在 {n} 个病例上测量，每 100 例约 {right} 例正确（95 % 区间 {low} 至 {high}）</translation>
    </message>
    <message>
        <source>measured on {n} cases, all labels right in {right} of 100 (95 % interval {low} to {high})</source>
        <translation>在 {n} 个病例上测量，每 100 例约 {right} 例标签全部正确（95 % 区间 {low} 至 {high}）</translation>
    </message>
</context>
<context>
    <name>ModelCard</name>
    <message>
        <source>✓ In use</source>
        <translation>✓ 使用中</translation>
    </message>
    <message>
        <source>Use this model</source>
        <translation>使用此模型</translation>
    </message>
    <message>
        <source>See its run</source>
        <translation>查看其训练</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>By kinds of input</source>
        <translation>按资料类型</translation>
    </message>
    <message>
        <source>What it kept of its teachers</source>
        <translation>从教师那里学到了多少</translation>
    </message>
    <message>
        <source>What each module is worth</source>
        <translation>每个模块的价值</translation>
    </message>
    <message>
        <source>All labels right, by the kinds of input a case had (95 % interval)</source>
        <translation>按病例所含资料种类统计的标签全部正确率（95% 区间）</translation>
    </message>
    <message>
        <source>Right, by the kinds of input a case had (95 % interval)</source>
        <translation>按病例所含资料类型的正确率（95 % 区间）</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>{total} parameters, {active} at work on a piece · {layers} layers of {experts} modules · {size}</source>
        <translation>{total} 个参数，每个片段动用 {active} 个 · {layers} 层，每层 {experts} 个模块 · {size}</translation>
    </message>
    <message>
        <source>{total} parameters · no modules · {size}</source>
        <translation>{total} 个参数 · 没有模块 · {size}</translation>
    </message>
    <message>
        <source> · {names} kept inside</source>
        <translation> · 内含 {names}</translation>
    </message>
    <message>
        <source> · its modules are one network still: training ended before they parted</source>
        <translation> · 各模块仍是同一个网络：训练在它们分化之前就结束了</translation>
    </message>
    <message>
        <source>not measured</source>
        <translation>未测量</translation>
    </message>
    <message>
        <source>{when}, in {time}</source>
        <translation>{when}，用时 {time}</translation>
    </message>
    <message>
        <source>Recipe</source>
        <translation>方案</translation>
    </message>
    <message>
        <source>Teachers</source>
        <translation>教师模型</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>规模</translation>
    </message>
    <message>
        <source>How sure</source>
        <translation>把握程度</translation>
    </message>
    <message>
        <source>Answers</source>
        <translation>答案</translation>
    </message>
    <message>
        <source>{n} labels, any number a case</source>
        <translation>{n} 个标签，每个病例可有任意个</translation>
    </message>
    <message>
        <source>{n} answers</source>
        <translation>{n} 种答案</translation>
    </message>
    <message>
        <source>Made</source>
        <translation>完成于</translation>
    </message>
    <message>
        <source>off by {ece} points on average (ECE); the answers it named held the truth in {coverage} %</source>
        <translation>平均偏差 {ece} 个百分点 (ECE)；列出的答案有 {coverage} % 包含真实答案</translation>
    </message>
    <message>
        <source>Computed on</source>
        <translation>计算设备</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>随机种子</translation>
    </message>
    <message>
        <source>off by {ece} points on average over labels (ECE); its sets missed {missed} % of a case&apos;s true labels on average, at most {alpha} % are promised; micro F1 {f1}</source>
        <translation>各标签平均偏差 {ece} 个百分点（ECE）；集合平均漏掉每个病例真实标签的 {missed} %，承诺至多 {alpha} %；微平均 F1 {f1}</translation>
    </message>
    <message>
        <source>off by {ece} points on average (ECE); what its sets hold was not measured</source>
        <translation>平均偏差 {ece} 个百分点 (ECE)；未测量列出的答案包含真实答案的比例</translation>
    </message>
    <message>
        <source>{n} in their order: {mean} places from the truth on average (95 % {low} to {high}), at most one in {near} %</source>
        <translation>{n} 个答案，按次序：与真相平均相差 {mean} 级（95 % 区间 {low} 至 {high}），至多差一级的占 {near} %</translation>
    </message>
    <message>
        <source>, weighted kappa {kappa}</source>
        <translation>，加权 kappa {kappa}</translation>
    </message>
    <message>
        <source>text</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>image</source>
        <translation>图像</translation>
    </message>
    <message>
        <source>sound</source>
        <translation>声音</translation>
    </message>
    <message>
        <source>kinds of input</source>
        <translation>资料类型</translation>
    </message>
    <message>
        <source>right</source>
        <translation>正确率</translation>
    </message>
    <message>
        <source>cases</source>
        <translation>病例数</translation>
    </message>
</context>
<context>
    <name>ModelsView</name>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>There is no model yet. Train one; a demo run takes a few minutes.</source>
        <translation>还没有模型。请先训练一个；演示训练只需几分钟。</translation>
    </message>
    <message>
        <source>Go to Training</source>
        <translation>前往训练</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>{name} was removed.</source>
        <translation>已移除 {name}。</translation>
    </message>
</context>
<context>
    <name>NewRun</name>
    <message>
        <source>{n} training cases</source>
        <translation>{n} 个训练病例</translation>
    </message>
    <message>
        <source>{n} answers</source>
        <translation>{n} 种答案</translation>
    </message>
    <message>
        <source>{n} people or groups</source>
        <translation>{n} 位患者或分组</translation>
    </message>
    <message>
        <source>text missing in {share} %</source>
        <translation>{share} % 缺文本</translation>
    </message>
    <message>
        <source>image missing in {share} %</source>
        <translation>{share} % 缺图像</translation>
    </message>
    <message>
        <source>sound missing in {share} %</source>
        <translation>{share} % 缺声音</translation>
    </message>
</context>
<context>
    <name>NewRunDialog</name>
    <message>
        <source>New run</source>
        <translation>新建训练</translation>
    </message>
    <message>
        <source>Learn from</source>
        <translation>使用的数据</translation>
    </message>
    <message>
        <source>What to do</source>
        <translation>做什么</translation>
    </message>
    <message>
        <source>Teachers</source>
        <translation>教师模型</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>开始</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>No data of your own? Start the demo run</source>
        <translation>没有自己的数据？开始演示训练</translation>
    </message>
    <message>
        <source>Data set</source>
        <translation>数据集</translation>
    </message>
    <message>
        <source>Model to start from</source>
        <translation>起始模型</translation>
    </message>
    <message>
        <source>It computes on: {device}</source>
        <translation>计算设备：{device}</translation>
    </message>
    <message>
        <source>{name} (synthetic)</source>
        <translation>{name}（合成）</translation>
    </message>
    <message>
        <source>start from the newest distilled model</source>
        <translation>从最新的蒸馏模型开始</translation>
    </message>
    <message>
        <source>start from {name}</source>
        <translation>从 {name} 开始</translation>
    </message>
    <message>
        <source>Then go on: {recipe}</source>
        <translation>之后接着：{recipe}</translation>
    </message>
    <message>
        <source>There are no labelled cases yet. Drop a table with answers on Home, or start the demo run.</source>
        <translation>还没有带答案的病例。请在主页拖入带答案的表格，或开始演示训练。</translation>
    </message>
</context>
<context>
    <name>NoProject</name>
    <message>
        <source>Open a project first.</source>
        <translation>请先打开一个项目。</translation>
    </message>
    <message>
        <source>Open project…</source>
        <translation>打开项目…</translation>
    </message>
</context>
<context>
    <name>NoticeLine</name>
    <message>
        <source>Close this message</source>
        <translation>关闭此消息</translation>
    </message>
</context>
<context>
    <name>NumbersTable</name>
    <message>
        <source>measure</source>
        <translation>指标</translation>
    </message>
    <message>
        <source>technical name</source>
        <translation>术语</translation>
    </message>
    <message>
        <source>meaning</source>
        <translation>含义</translation>
    </message>
</context>
<context>
    <name>OwnView</name>
    <message>
        <source>Your own view first</source>
        <translation>请先给出您的判断</translation>
    </message>
    <message>
        <source>The answer is ready. Give yours before you see it; both are kept.</source>
        <translation>答案已就绪。请在查看前先给出您的判断，两者都会保存。</translation>
    </message>
    <message>
        <source>Not sure</source>
        <translation>不确定</translation>
    </message>
    <message>
        <source>None of them</source>
        <translation>以上均无</translation>
    </message>
    <message>
        <source>Several may hold.</source>
        <translation>可多选。</translation>
    </message>
    <message>
        <source>Save and show the answer</source>
        <translation>保存并显示答案</translation>
    </message>
    <message>
        <source>Skip</source>
        <translation>跳过</translation>
    </message>
</context>
<context>
    <name>Palette</name>
    <message>
        <source>Commands</source>
        <translation>命令</translation>
    </message>
    <message>
        <source>What do you want to do?</source>
        <translation>想做什么？</translation>
    </message>
    <message>
        <source>Nothing is called that.</source>
        <translation>没有叫这个名字的命令。</translation>
    </message>
</context>
<context>
    <name>PartRow</name>
    <message>
        <source>Check: {flags}</source>
        <translation>请检查：{flags}</translation>
    </message>
    <message>
        <source>Replace {name}</source>
        <translation>替换 {name}</translation>
    </message>
    <message>
        <source>Remove {name}</source>
        <translation>移除 {name}</translation>
    </message>
</context>
<context>
    <name>PartWords</name>
    <message numerus="yes">
        <source>%n word(s)</source>
        <translation>
            <numerusform>%n 词</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Parts</name>
    <message>
        <source>answer</source>
        <translation>答案</translation>
    </message>
    <message>
        <source>order of answers</source>
        <translation>答案次序</translation>
    </message>
    <message>
        <source>teachers&apos; answers</source>
        <translation>教师的答案</translation>
    </message>
    <message>
        <source>teachers&apos; inner view</source>
        <translation>教师的内部表示</translation>
    </message>
    <message>
        <source>one input alone</source>
        <translation>单一资料</translation>
    </message>
    <message>
        <source>balance of modules</source>
        <translation>模块均衡</translation>
    </message>
    <message>
        <source>calm routing</source>
        <translation>路由平稳</translation>
    </message>
    <message>
        <source>even importance</source>
        <translation>重要性均衡</translation>
    </message>
    <message>
        <source>even load</source>
        <translation>负载均衡（期望）</translation>
    </message>
    <message>
        <source>resolute pieces</source>
        <translation>片段果断</translation>
    </message>
    <message>
        <source>use of several modules</source>
        <translation>使用多个模块</translation>
    </message>
    <message>
        <source>modules by kind of input</source>
        <translation>按资料类型分工</translation>
    </message>
    <message>
        <source>agreement of inputs</source>
        <translation>资料一致性</translation>
    </message>
    <message>
        <source>teachers&apos; distances</source>
        <translation>教师的距离关系</translation>
    </message>
    <message>
        <source>teachers&apos; angles</source>
        <translation>教师的角度关系</translation>
    </message>
    <message>
        <source>teachers&apos; attention</source>
        <translation>教师注意力</translation>
    </message>
    <message>
        <source>inputs find each other</source>
        <translation>资料相互匹配</translation>
    </message>
    <message>
        <source>more is not worse</source>
        <translation>更多不更差</translation>
    </message>
    <message>
        <source>Switch&apos;s balance, before weighting: 1.00 is even, {most} is collapse.</source>
        <translation>Switch 均衡损失（未加权）：1.00 为均匀，{most}表示塌缩。</translation>
    </message>
    <message>
        <source>Evenness of the weights given (1 + CV²): 1.00 is even, {most} is collapse.</source>
        <translation>所分配权重的均匀程度（1 + CV²）：1.00 为均匀，{most}表示塌缩。</translation>
    </message>
    <message>
        <source>Evenness of the chance to be chosen under fresh noise (1 + CV²): 1.00 is even, {most} is collapse; without noise it stays at 1.00.</source>
        <translation>重新加噪时被选中机会的均匀程度（1 + CV²）：1.00 为均匀，{most}表示塌缩；没有噪声时始终为 1.00。</translation>
    </message>
    <message>
        <source>Mean entropy of a piece&apos;s choice, in nats: 0.00 is resolute, the logarithm of the number of modules is a toss-up.</source>
        <translation>单个片段选择的平均熵（奈特）：0.00 表示果断，等于模块数的对数时表示毫无偏向。</translation>
    </message>
    <message>
        <source>How much entropy the mean choice of a kind of input lacks for the number of modules it shall use, in nats: at 0.00 it uses as many.</source>
        <translation>一类资料的平均选择距应使用的模块数还差多少熵（奈特）：0.00 表示已达到。</translation>
    </message>
    <message>
        <source>Minus the Jensen-Shannon divergence of the kinds&apos; mean choices, in nats: 0.00 if all use the same modules, −1.10 if three kinds share none.</source>
        <translation>各类资料平均选择的詹森-香农散度的负值（奈特）：0.00 表示使用相同的模块，三类资料互不共用时为 −1.10。</translation>
    </message>
    <message>
        <source>the number of modules and null experts together (E + N)</source>
        <translation>模块数与空专家数之和（E + N）</translation>
    </message>
    <message>
        <source>the number of modules of one kind of input</source>
        <translation>一类资料的模块数</translation>
    </message>
    <message>
        <source>the number of modules</source>
        <translation>模块数</translation>
    </message>
    <message>
        <source>Taken over all pieces together.</source>
        <translation>对所有片段一起计算。</translation>
    </message>
    <message>
        <source>Taken within each kind of input.</source>
        <translation>在每类资料内分别计算。</translation>
    </message>
    <message>
        <source>Router z-loss: mean square of the logarithm of the gates&apos; sum; small is calm.</source>
        <translation>路由 z 损失：门控求和对数的均方；越小越平稳。</translation>
    </message>
    <message>
        <source>{value} % ({low} to {high} %, n = {n})</source>
        <translation>{value} %（{low} 至 {high} %，n = {n}）</translation>
    </message>
    <message>
        <source>{million} million</source>
        <comment>in Chinese: use {wan}, the count in ten thousands</comment>
        <translation>{wan} 万</translation>
    </message>
</context>
<context>
    <name>PartsList</name>
    <message>
        <source>part of the error</source>
        <translation>误差组成</translation>
    </message>
    <message>
        <source>newest value</source>
        <translation>最新值</translation>
    </message>
</context>
<context>
    <name>PartsPanel</name>
    <message>
        <source>Parts of the error</source>
        <translation>误差的组成</translation>
    </message>
    <message>
        <source>newest step, unweighted</source>
        <translation>最新一步，未加权</translation>
    </message>
    <message>
        <source>The first numbers come after about 20 steps.</source>
        <translation>约 20 步后出现首批数据。</translation>
    </message>
</context>
<context>
    <name>PictureView</name>
    <message>
        <source>Fit (0)</source>
        <translation>适合窗口 (0)</translation>
    </message>
    <message>
        <source>Actual size</source>
        <translation>原始大小</translation>
    </message>
    <message>
        <source>Invert (I)</source>
        <translation>反色 (I)</translation>
    </message>
    <message>
        <source>Reset (R)</source>
        <translation>还原 (R)</translation>
    </message>
    <message>
        <source>wheel: zoom · right-drag: contrast</source>
        <translation>滚轮：缩放 · 右键拖动：对比度</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>{zoom} %   W {window} L {level}</source>
        <translation>{zoom} %   窗宽 {window} 窗位 {level}</translation>
    </message>
</context>
<context>
    <name>PinnedList</name>
    <message>
        <source>case</source>
        <translation>病例</translation>
    </message>
    <message>
        <source>true answer</source>
        <translation>真实答案</translation>
    </message>
    <message>
        <source>answer now</source>
        <translation>当前答案</translation>
    </message>
    <message>
        <source>probability</source>
        <translation>概率</translation>
    </message>
    <message>
        <source>none of them</source>
        <translation>均无</translation>
    </message>
    <message>
        <source>✓ {label} {share} %</source>
        <translation>✓ {label} {share} %</translation>
    </message>
    <message>
        <source>✗ {label} {share} %, truly {truth}</source>
        <translation>✗ {label} {share} %，实为{truth}</translation>
    </message>
</context>
<context>
    <name>PinnedPanel</name>
    <message>
        <source>The same cases, over time</source>
        <translation>同一批病例的变化</translation>
    </message>
    <message>
        <source>true answer, %</source>
        <translation>真实答案的概率（%）</translation>
    </message>
    <message>
        <source>The cases are predicted at each check.</source>
        <translation>每次检查时预测这些病例。</translation>
    </message>
</context>
<context>
    <name>PreferencesDialog</name>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>外观</translation>
    </message>
    <message>
        <source>Text size</source>
        <translation>文字大小</translation>
    </message>
    <message>
        <source>Like the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Ask for my own view before showing the answer</source>
        <translation>显示答案前先询问我的判断</translation>
    </message>
    <message>
        <source>Who sees a suggestion first tends to follow it.</source>
        <translation>先看到建议的人往往会受其影响。</translation>
    </message>
    <message>
        <source>Simple view: hide Training and Models</source>
        <translation>简洁视图：隐藏“训练”和“模型”</translation>
    </message>
    <message>
        <source>Tell me when a training run or an import has ended</source>
        <translation>训练或导入结束时通知我</translation>
    </message>
    <message>
        <source>Reduce motion</source>
        <translation>减少动画</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>完成</translation>
    </message>
</context>
<context>
    <name>Projects</name>
    <message>
        <source>Open project…</source>
        <translation>打开项目…</translation>
    </message>
    <message>
        <source>Choose the domain folder: it holds a domain.yaml</source>
        <translation>选择领域文件夹（其中有 domain.yaml）</translation>
    </message>
    <message>
        <source>New project…</source>
        <translation>新建项目…</translation>
    </message>
</context>
<context>
    <name>QuestionCard</name>
    <message>
        <source>One case or many?</source>
        <translation>一个病例还是多个？</translation>
    </message>
    <message>
        <source>and {n} more</source>
        <translation>另有 {n} 个</translation>
    </message>
    <message>
        <source>{n} cases, one a file name</source>
        <translation>{n} 个病例，按文件名分开</translation>
    </message>
    <message>
        <source>One case with {n} files</source>
        <translation>一个病例，包含 {n} 个文件</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
</context>
<context>
    <name>ReadingRow</name>
    <message>
        <source>Reading {name} …</source>
        <translation>正在读取 {name} …</translation>
    </message>
</context>
<context>
    <name>RefusalRow</name>
    <message>
        <source>Close the message about {name}</source>
        <translation>关闭关于 {name} 的提示</translation>
    </message>
</context>
<context>
    <name>Restoring</name>
    <message>
        <source>The window ended unexpectedly last time. Nothing was lost.</source>
        <translation>上次窗口意外退出，没有丢失任何内容。</translation>
    </message>
    <message>
        <source>New case</source>
        <translation>新建病例</translation>
    </message>
    <message>
        <source>The window ended unexpectedly last time. The open case and the note you were typing are back.</source>
        <translation>上次窗口意外退出，已恢复当时打开的病例和正在输入的记录。</translation>
    </message>
    <message>
        <source>The window ended unexpectedly last time. The case that was open is back.</source>
        <translation>上次窗口意外退出，已恢复当时打开的病例。</translation>
    </message>
    <message>
        <source>Your training went on.</source>
        <translation>训练仍在继续。</translation>
    </message>
</context>
<context>
    <name>Rooms</name>
    <message>
        <source>Go to {place}</source>
        <translation>前往{place}</translation>
    </message>
    <message>
        <source>Choose files…</source>
        <translation>选择文件…</translation>
    </message>
    <message>
        <source>New case</source>
        <translation>新建病例</translation>
    </message>
    <message>
        <source>Try the demo case</source>
        <translation>试用演示病例</translation>
    </message>
    <message>
        <source>Run this case</source>
        <translation>运行此病例</translation>
    </message>
    <message>
        <source>Copy this case&apos;s report</source>
        <translation>复制此病例的报告</translation>
    </message>
    <message>
        <source>Save this case&apos;s report as PDF…</source>
        <translation>将此病例的报告存为 PDF…</translation>
    </message>
    <message>
        <source>New training run…</source>
        <translation>新建训练…</translation>
    </message>
    <message>
        <source>Knowledge file…</source>
        <translation>知识文件…</translation>
    </message>
    <message>
        <source>Start the demo run</source>
        <translation>开始演示训练</translation>
    </message>
    <message>
        <source>New project…</source>
        <translation>新建项目…</translation>
    </message>
    <message>
        <source>Open project…</source>
        <translation>打开项目…</translation>
    </message>
    <message>
        <source>New project from a domain folder…</source>
        <translation>用领域文件夹新建项目…</translation>
    </message>
    <message>
        <source>Open the demo</source>
        <translation>打开演示</translation>
    </message>
    <message>
        <source>Search commands</source>
        <translation>搜索命令</translation>
    </message>
    <message>
        <source>Switch language: English, 中文</source>
        <translation>切换语言：中文、English</translation>
    </message>
    <message>
        <source>Light or dark</source>
        <translation>浅色或深色</translation>
    </message>
    <message>
        <source>Larger text</source>
        <translation>放大文字</translation>
    </message>
    <message>
        <source>Smaller text</source>
        <translation>缩小文字</translation>
    </message>
    <message>
        <source>Usual text size</source>
        <translation>恢复文字大小</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>帮助</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>Recent projects</source>
        <translation>最近的项目</translation>
    </message>
    <message>
        <source>Case files and tables</source>
        <translation>病例文件和表格</translation>
    </message>
    <message>
        <source>Demo case</source>
        <translation>演示病例</translation>
    </message>
    <message>
        <source>Open a project first: your cases are kept in it.</source>
        <translation>请先打开一个项目，病例保存在其中。</translation>
    </message>
    <message>
        <source>“{name}” becomes a case of its own.</source>
        <translation>“{name}”将另建一个病例。</translation>
    </message>
    <message>
        <source>This is a new case. “{name}” stays as it is.</source>
        <translation>这是一个新病例。“{name}”保持不变。</translation>
    </message>
    <message>
        <source>Put the files there instead</source>
        <translation>改为放入原病例</translation>
    </message>
    <message>
        <source>{done} of {total} cases are in.</source>
        <translation>已添加 {done} / {total} 个病例。</translation>
    </message>
</context>
<context>
    <name>RoutingNumbers</name>
    <message>
        <source>Routing in numbers</source>
        <translation>路由数据</translation>
    </message>
    <message>
        <source>Numbers</source>
        <translation>数据</translation>
    </message>
    <message>
        <source>Over time</source>
        <translation>变化</translation>
    </message>
    <message>
        <source>Together</source>
        <translation>协作</translation>
    </message>
    <message>
        <source>What is counted</source>
        <translation>统计对象</translation>
    </message>
    <message>
        <source>last {steps} steps</source>
        <translation>最近 {steps} 步</translation>
    </message>
    <message>
        <source>check cases</source>
        <translation>检查病例</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>How the routing settles over the steps of the run</source>
        <translation>路由随训练步数逐渐稳定的过程</translation>
    </message>
    <message>
        <source>step</source>
        <translation>步</translation>
    </message>
    <message>
        <source>layer {number}</source>
        <translation>第 {number} 层</translation>
    </message>
    <message>
        <source>The first numbers come after about 20 steps.</source>
        <translation>约 20 步后出现首批数据。</translation>
    </message>
    <message>
        <source>This model has no modules: nothing is shared out.</source>
        <translation>此模型没有模块，无需分配。</translation>
    </message>
    <message>
        <source>The check cases are run through at the first checkpoint.</source>
        <translation>到第一个检查点时才会处理检查病例。</translation>
    </message>
    <message>
        <source>at step {step}</source>
        <translation>第 {step} 步</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>图像</translation>
    </message>
    <message>
        <source>Sound</source>
        <translation>声音</translation>
    </message>
    <message>
        <source>All</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>The first point comes with the second checkpoint.</source>
        <translation>第二个检查点时出现第一个数据点。</translation>
    </message>
    <message>
        <source>in % of the check cases&apos; pieces</source>
        <translation>占检查病例片段的 %</translation>
    </message>
    <message>
        <source>Changed: pieces whose first module is another one than at the checkpoint before (churn); towards 0 the routing is at rest.</source>
        <translation>改变：首选模块与上一检查点不同的片段（churn）；接近 0 表示路由已稳定。</translation>
    </message>
    <message>
        <source>As in the end: how many of a piece&apos;s modules it already had (saturation); the earlier near 100, the earlier the routing was settled.</source>
        <translation>与最终一致：片段的最终模块中当时已选中的比例（saturation）；越早接近 100，路由越早定型。</translation>
    </message>
    <message>
        <source>How early the routing was settled (saturation) can be told only when this part of the run has ended.</source>
        <translation>路由多早定型（saturation）要等这一阶段结束后才能知道。</translation>
    </message>
    <message>
        <source>changed</source>
        <translation>改变</translation>
    </message>
    <message>
        <source>as in the end</source>
        <translation>与最终一致</translation>
    </message>
    <message>
        <source>There are too many modules to tell of each two how often they work together.</source>
        <translation>模块太多，无法逐对说明它们多常共同工作。</translation>
    </message>
    <message>
        <source>This run did not record which modules work together.</source>
        <translation>此次训练没有记录哪些模块一起工作。</translation>
    </message>
    <message>
        <source>Each piece goes to one module alone, so none work together.</source>
        <translation>每个片段只交给一个模块，因此没有模块一起工作。</translation>
    </message>
    <message>
        <source>check cases at step {step}</source>
        <translation>第 {step} 步的检查病例</translation>
    </message>
    <message>
        <source>Of the pieces of one module (rows), how many % went to each other one as well (co-activation). Two that share nearly all could be one; even colours mean that modules are combined freely.</source>
        <translation>某模块（行）处理的片段中，有百分之几也交给了另一模块（共同激活）。几乎完全重合的两个模块可以合为一个；颜色均匀表示模块自由组合。</translation>
    </message>
    <message>
        <source>As there are so many modules, the figures are rounded.</source>
        <translation>由于模块很多，数值经过取整。</translation>
    </message>
    <message>
        <source>Choose a line to read what it means, and what is good or bad.</source>
        <translation>点选一行，查看其含义以及好坏的标准。</translation>
    </message>
    <message>
        <source>{name} ({technical}). {meaning}</source>
        <translation>{name}（{technical}）。{meaning}</translation>
    </message>
    <message>
        <source>How the work is spread</source>
        <translation>工作如何分配</translation>
    </message>
    <message>
        <source>How sure the choice is</source>
        <translation>选择有多确定</translation>
    </message>
    <message>
        <source>Which input goes where</source>
        <translation>哪类资料去哪里</translation>
    </message>
    <message>
        <source>What changed since the last checkpoint</source>
        <translation>自上一检查点以来的变化</translation>
    </message>
    <message>
        <source>Evenness</source>
        <translation>均匀度</translation>
    </message>
    <message>
        <source>1.00: all modules do as much; 0.00: one does everything. Below 0.50 most modules hardly count. Within one kind of input uneven is no fault: a module may be made for it.</source>
        <translation>1.00：各模块工作量相同；0.00：全由一个模块承担。低于 0.50 时多数模块几乎不起作用。单看一类资料时不均匀不算缺点：模块可以专门处理它。</translation>
    </message>
    <message>
        <source>Modules at work</source>
        <translation>有效模块数</translation>
    </message>
    <message>
        <source>So many equally busy modules would do the same. Near {experts}, the number of modules, is best; near 1 a single one has taken over.</source>
        <translation>相当于这么多个同样忙碌的模块。接近模块总数 {experts} 最好；接近 1 表示由一个模块包揽。</translation>
    </message>
    <message>
        <source>Busiest module</source>
        <translation>最忙的模块</translation>
    </message>
    <message>
        <source>How far the busiest module lies above its even share. 0 % is best; +100 % is twice its share.</source>
        <translation>最忙的模块超出平均份额多少。0 % 最好；+100 % 即平均份额的两倍。</translation>
    </message>
    <message>
        <source>Quietest module</source>
        <translation>最闲的模块</translation>
    </message>
    <message>
        <source>How far the quietest module lies below its even share. 0 % is best; −100 %: nothing goes to it.</source>
        <translation>最闲的模块低于平均份额多少。0 % 最好；−100 % 表示没有任何片段交给它。</translation>
    </message>
    <message>
        <source>Usual deviation</source>
        <translation>通常偏差</translation>
    </message>
    <message>
        <source>How far modules usually lie from their even share, as a part of it. 0.00 is best; 1.00 and more is lopsided.</source>
        <translation>各模块通常偏离平均份额的程度（相对于平均份额）。0.00 最好；1.00 及以上为严重偏斜。</translation>
    </message>
    <message>
        <source>Inequality</source>
        <translation>不平等程度</translation>
    </message>
    <message>
        <source>0.00: all do the same; near 1.00: few modules do nearly everything.</source>
        <translation>0.00：各模块相同；接近 1.00：少数模块几乎包揽全部。</translation>
    </message>
    <message>
        <source>Idle modules</source>
        <translation>闲置模块</translation>
    </message>
    <message>
        <source>Modules that did less than a tenth of their even share over all check cases. 0 is best: an idle module costs memory and learns nothing.</source>
        <translation>在全部检查病例上工作量不到平均份额十分之一的模块。0 最好：闲置模块占用内存却学不到东西。</translation>
    </message>
    <message>
        <source>First choice</source>
        <translation>首选概率</translation>
    </message>
    <message>
        <source>Mean chance of the module a piece likes best; {even} % would be a toss-up. Low is no fault while the work is spread evenly.</source>
        <translation>片段最偏好的模块的平均概率；{even} % 等于随机。只要工作分配均匀，偏低不算缺点。</translation>
    </message>
    <message>
        <source>0.00: every piece knows its module; 1.00: all modules look alike to it. It usually falls while training goes on.</source>
        <translation>0.00：每个片段都明确该去哪个模块；1.00：各模块没有区别。通常随训练下降。</translation>
    </message>
    <message>
        <source>Indecision</source>
        <translation>犹豫程度</translation>
    </message>
    <message>
        <source>How far the last module that gets a piece lies ahead of the first that does not. Near 0 % a small change turns the choice.</source>
        <translation>最后一个入选模块领先第一个落选模块多少。接近 0 % 时，微小变化就会改变选择。</translation>
    </message>
    <message>
        <source>Lead over next</source>
        <translation>领先下一个</translation>
    </message>
    <message>
        <source>Share of pieces</source>
        <translation>片段占比</translation>
    </message>
    <message>
        <source>How much of all there is to do comes from each kind of input. It is a fact of the cases, neither good nor bad; what follows moves with it.</source>
        <translation>各类资料占全部片段的比例。这是病例本身的情况，无所谓好坏；后面的指标会随之变化。</translation>
    </message>
    <message>
        <source>Split by input</source>
        <translation>按资料分工</translation>
    </message>
    <message>
        <source>0.00: modules do not mind which kind of input they get; 1.00: one follows from the other. It moves with the shares (π), so compare runs with the same ones only.</source>
        <translation>0.00：模块不区分资料类型；1.00：资料类型与模块一一对应。它随片段占比 (π) 变化，只能在占比相同的训练之间比较。</translation>
    </message>
    <message>
        <source>Preference</source>
        <translation>偏好</translation>
    </message>
    <message>
        <source>How many times its usual share the module takes that this kind of input prefers. 1.0×: no preference; the map above shows which one it is.</source>
        <translation>此类资料最偏好的模块，所接份额是其平常份额的几倍。1.0×：没有偏好；是哪个模块见上方的图。</translation>
    </message>
    <message>
        <source>Pieces</source>
        <translation>片段</translation>
    </message>
    <message>
        <source>The pieces of input that the numbers are made of: with few, they jump about.</source>
        <translation>这些数据所依据的片段数：太少时数值会跳动。</translation>
    </message>
    <message>
        <source>Modules per piece</source>
        <translation>每片段模块数</translation>
    </message>
    <message>
        <source>So many modules work on a piece: more cost time, fewer know less of it.</source>
        <translation>处理一个片段的模块数：多则耗时，少则了解得少。</translation>
    </message>
    <message>
        <source>Pieces that no module worked on. 0 % is best: nothing is learned from them here.</source>
        <translation>没有任何模块处理的片段。0 % 最好：这些片段在此学不到东西。</translation>
    </message>
    <message>
        <source>Without a module</source>
        <translation>无模块处理</translation>
    </message>
    <message>
        <source>Check pieces whose first module is another one than at the checkpoint before. It falls towards 0 % as the routing settles.</source>
        <translation>首选模块与上一检查点不同的检查片段。随着路由稳定，它趋近 0 %。</translation>
    </message>
    <message>
        <source>Changed module</source>
        <translation>改变模块</translation>
    </message>
</context>
<context>
    <name>RoutingPanel</name>
    <message>
        <source>Who works on what</source>
        <translation>由谁处理</translation>
    </message>
    <message>
        <source>rows: layers, columns: modules</source>
        <translation>行：层，列：模块</translation>
    </message>
    <message>
        <source>All</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>图像</translation>
    </message>
    <message>
        <source>Sound</source>
        <translation>声音</translation>
    </message>
    <message>
        <source>share in %</source>
        <translation>比例 (%)</translation>
    </message>
    <message>
        <source>times usual</source>
        <translation>相对平常倍数</translation>
    </message>
    <message>
        <source>training steps</source>
        <translation>训练步</translation>
    </message>
    <message>
        <source>check cases</source>
        <translation>检查病例</translation>
    </message>
    <message>
        <source>What is counted</source>
        <translation>统计对象</translation>
    </message>
    <message>
        <source>The pieces of the newest training steps, or those of the same few check cases at each checkpoint</source>
        <translation>最近训练步的片段，或每个检查点上同一组检查病例的片段</translation>
    </message>
    <message>
        <source>What the colours mean</source>
        <translation>颜色的含义</translation>
    </message>
    <message>
        <source>Share of the layer&apos;s pieces, or how many times a module&apos;s usual share</source>
        <translation>占该层片段的比例，或相对该模块平常份额的倍数</translation>
    </message>
    <message>
        <source>Step of the run</source>
        <translation>训练步</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>实时</translation>
    </message>
    <message>
        <source>Follow the newest step again</source>
        <translation>回到最新一步</translation>
    </message>
    <message>
        <source>The first numbers come after about 20 steps.</source>
        <translation>约 20 步后出现首批数据。</translation>
    </message>
    <message>
        <source>step {step}</source>
        <translation>第 {step} 步</translation>
    </message>
</context>
<context>
    <name>RoutingStrip</name>
    <message>
        <source>Layer {layer}: most used module {expert}</source>
        <translation>第 {layer} 层：用得最多的是模块 {expert}</translation>
    </message>
    <message>
        <source>Layer {layer}</source>
        <translation>第 {layer} 层</translation>
    </message>
    <message>
        <source>pieces</source>
        <translation>片段</translation>
    </message>
    <message>
        <source>Layer {layer}, module {expert}: {count} of {all} pieces of the {kind}.</source>
        <translation>第 {layer} 层，模块 {expert}：处理{kind}的 {all} 个片段中的 {count} 个。</translation>
    </message>
    <message>
        <source>Here: second {start} to {stop}.</source>
        <translation>此处：第 {start} 至 {stop} 秒。</translation>
    </message>
    <message>
        <source>Here: characters {start} to {stop}.</source>
        <translation>此处：第 {start} 至 {stop} 个字符。</translation>
    </message>
    <message>
        <source>Here: the outlined part of the picture.</source>
        <translation>此处：图片中框出的部分。</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Module</source>
        <translation>模块</translation>
    </message>
    <message>
        <source>All</source>
        <translation>合计</translation>
    </message>
</context>
<context>
    <name>RunButtons</name>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Stop and keep</source>
        <translation>停止并保留</translation>
    </message>
    <message>
        <source>End now and keep a model of what was learnt so far</source>
        <translation>立即结束，并保留目前学到的模型</translation>
    </message>
    <message>
        <source>Cancel and discard</source>
        <translation>取消并丢弃</translation>
    </message>
    <message>
        <source>Throw away what was learnt?</source>
        <translation>要丢弃已学到的内容吗？</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>丢弃</translation>
    </message>
    <message>
        <source>Go on training</source>
        <translation>继续训练</translation>
    </message>
</context>
<context>
    <name>RunHeader</name>
    <message>
        <source>Go on where it was</source>
        <translation>从中断处继续</translation>
    </message>
    <message>
        <source>It goes on from its last checkpoint; only the steps after that are done once more</source>
        <translation>从最后一个检查点继续；只需重做其后的步骤</translation>
    </message>
    <message>
        <source>Start again</source>
        <translation>重新开始</translation>
    </message>
    <message>
        <source>Copy report</source>
        <translation>复制报告</translation>
    </message>
    <message>
        <source>Use this model</source>
        <translation>使用此模型</translation>
    </message>
    <message>
        <source>See all models</source>
        <translation>查看所有模型</translation>
    </message>
    <message>
        <source>Waiting for its turn: number {position} in the queue.</source>
        <translation>排队等待：第 {position} 位。</translation>
    </message>
    <message>
        <source>Finishing the step and saving what was learnt.</source>
        <translation>正在完成当前步并保存已学到的内容。</translation>
    </message>
    <message>
        <source>Paused. Nothing is lost; resume when you like.</source>
        <translation>已暂停。没有任何损失，可随时继续。</translation>
    </message>
    <message>
        <source>Finished.</source>
        <translation>已完成。</translation>
    </message>
    <message>
        <source>Getting ready.</source>
        <translation>准备中。</translation>
    </message>
    <message>
        <source>The run ended unexpectedly.</source>
        <translation>训练意外结束。</translation>
    </message>
    <message>
        <source>This run failed</source>
        <translation>本次训练失败</translation>
    </message>
    <message>
        <source>The model is ready: {name}</source>
        <translation>模型已就绪：{name}</translation>
    </message>
    <message>
        <source>In use</source>
        <translation>使用中</translation>
    </message>
    <message>
        <source>Last lines of the log:</source>
        <translation>日志末尾：</translation>
    </message>
</context>
<context>
    <name>RunList</name>
    <message>
        <source>Runs</source>
        <translation>训练记录</translation>
    </message>
</context>
<context>
    <name>RunMonitor</name>
    <message>
        <source>Showing the last numbers from {time}</source>
        <translation>显示的是 {time} 的最后数据</translation>
    </message>
    <message>
        <source>Training goes on. Reconnecting (try {tries}).</source>
        <translation>训练仍在继续。正在重新连接（第 {tries} 次）。</translation>
    </message>
</context>
<context>
    <name>RunWords</name>
    <message>
        <source>reading the cases</source>
        <translation>读取病例</translation>
    </message>
    <message>
        <source>asking the teachers</source>
        <translation>请教教师模型</translation>
    </message>
    <message>
        <source>training the folds</source>
        <translation>训练各折</translation>
    </message>
    <message>
        <source>training</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>measuring</source>
        <translation>测量</translation>
    </message>
    <message>
        <source>weighing the modules</source>
        <translation>评估各模块</translation>
    </message>
    <message>
        <source>making the cases</source>
        <translation>生成病例</translation>
    </message>
    <message>
        <source>saving the model</source>
        <translation>保存模型</translation>
    </message>
    <message>
        <source>Training ({recipe})</source>
        <translation>训练（{recipe}）</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>导入</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>Measurement</source>
        <translation>测量</translation>
    </message>
    <message>
        <source>Demo cases</source>
        <translation>演示病例</translation>
    </message>
    <message>
        <source>{done} of {total} · {share} %</source>
        <translation>{done} / {total} · {share} %</translation>
    </message>
    <message>
        <source>no GPU: CPU (1 thread)</source>
        <translation>无 GPU：CPU（1 线程）</translation>
    </message>
    <message>
        <source>no GPU: CPU ({threads} threads)</source>
        <translation>无 GPU：CPU（{threads} 线程）</translation>
    </message>
    <message>
        <source>GPU memory {used} of {total}</source>
        <translation>显存 {used} / {total}</translation>
    </message>
    <message>
        <source>memory {used}</source>
        <translation>内存 {used}</translation>
    </message>
    <message>
        <source>Right in {share} of cases kept aside for validation.</source>
        <translation>在留作验证的病例中答对 {share}。</translation>
    </message>
    <message>
        <source>Only {n} validation cases: too few to say how often it is right.</source>
        <translation>验证病例仅 {n} 个：太少，无法说明正确率。</translation>
    </message>
    <message>
        <source>All labels right (exact match) in {share} of cases kept aside for validation.</source>
        <translation>在留作验证的病例中，{share} 标签全部正确（完全匹配）。</translation>
    </message>
    <message>
        <source>Right in {share} of the training cases, each judged by a model that had not seen it.</source>
        <translation>在训练病例中答对 {share}，每例均由未见过它的模型判断。</translation>
    </message>
    <message>
        <source>Only {n} training cases: too few to say how often it is right.</source>
        <translation>训练病例仅 {n} 个：太少，无法说明正确率。</translation>
    </message>
    <message>
        <source>It has not been measured.</source>
        <translation>尚未测量。</translation>
    </message>
    <message>
        <source>All labels right (exact match) in {share} of the training cases, each judged by a model that had not seen it.</source>
        <translation>在训练病例中，{share} 标签全部正确（完全匹配），每例均由未见过它的模型判断。</translation>
    </message>
    <message>
        <source>{sentence}.</source>
        <translation>{sentence}。</translation>
    </message>
</context>
<context>
    <name>SeveralWords</name>
    <message>
        <source>Not sure – no suggestion</source>
        <translation>不确定，不给出建议</translation>
    </message>
    <message>
        <source>Suggests {labels}</source>
        <translation>提示：{labels}</translation>
    </message>
    <message>
        <source>Suggests none of them</source>
        <translation>提示：各标签均不成立</translation>
    </message>
    <message>
        <source>Suggests none for now; {open} cannot be excluded</source>
        <translation>暂无提示；不能排除：{open}</translation>
    </message>
    <message>
        <source>Suggests {labels}; {open} cannot be excluded</source>
        <translation>提示：{labels}；不能排除：{open}</translation>
    </message>
    <message>
        <source>On average over cases like the calibration cases, at most {missed} % of a case&apos;s true labels are not named here.</source>
        <translation>对与校准病例相似的病例平均而言，每个病例的真实标签至多有 {missed} % 未在此列出。</translation>
    </message>
    <message>
        <source>Too few measured cases (n = {n}) to say how often it is right.</source>
        <translation>已测量的病例太少（n = {n}），无法说明正确率。</translation>
    </message>
    <message>
        <source>Of 100 measured cases, about {right} had all their labels told right (n = {n}).</source>
        <translation>每 100 个已测量的病例中，约 {right} 例的标签全部判断正确（n = {n}）。</translation>
    </message>
    <message>
        <source>{n} others, each at most</source>
        <translation>其他 {n} 个，每个至多</translation>
    </message>
    <message>
        <source>none of them</source>
        <translation>均无</translation>
    </message>
    <message>
        <source>{label} · cannot be excluded</source>
        <translation>{label} · 不能排除</translation>
    </message>
    <message>
        <source>Each label is either likely, or so unlikely that it can be left out.</source>
        <translation>每个标签要么可能成立，要么可能性小到可以排除。</translation>
    </message>
    <message>
        <source>Each label is so unlikely that it can be left out.</source>
        <translation>每个标签的可能性都小到可以排除。</translation>
    </message>
    <message>
        <source>Some labels are unlikely, but not unlikely enough to be left out.</source>
        <translation>有些标签可能性不大，但还不足以排除。</translation>
    </message>
    <message>
        <source>Too many labels cannot be left out.</source>
        <translation>不能排除的标签太多。</translation>
    </message>
    <message>
        <source>This model carries no thresholds, so no label can be left out.</source>
        <translation>此模型没有阈值，因此无法排除任何标签。</translation>
    </message>
</context>
<context>
    <name>Skeleton</name>
    <message>
        <source>What an expert knows of these cases. A line that begins with # is a note.</source>
        <translation>专家对这些病例的认识。以 # 开头的行是注释。</translation>
    </message>
    <message>
        <source>What each answer means, and which findings are typical of it.</source>
        <translation>每个答案是什么意思，哪些所见是它的典型表现。</translation>
    </message>
    <message>
        <source>What can be read, seen or heard. A finding of a text needs the phrases it is known by:</source>
        <translation>可以读到、看到或听到的所见。文本所见需要写出可供查找的短语：</translation>
    </message>
    <message>
        <source>How strongly a finding speaks for an answer (up to 1) or against it (down to -1):</source>
        <translation>某个所见对某个答案的支持（至 1）或反对（至 -1）有多强：</translation>
    </message>
    <message>
        <source>Specialists you want, each for some answers or for words in a text:</source>
        <translation>想要的专家，各自负责某些答案或文本中的某些词：</translation>
    </message>
</context>
<context>
    <name>SoundView</name>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Play (space)</source>
        <translation>播放（空格）</translation>
    </message>
    <message>
        <source>Play over and over</source>
        <translation>循环播放</translation>
    </message>
    <message>
        <source>No sound device found</source>
        <translation>未找到声音设备</translation>
    </message>
    <message>
        <source>Drag to choose a stretch</source>
        <translation>拖动以选择一段</translation>
    </message>
    <message>
        <source>Recording of {seconds} s</source>
        <translation>{seconds} 秒的录音</translation>
    </message>
</context>
<context>
    <name>StageStepper</name>
    <message>
        <source>Final council</source>
        <translation>最终模型</translation>
    </message>
    <message>
        <source>Teacher</source>
        <translation>教师</translation>
    </message>
    <message>
        <source>Fold {number} of {total}</source>
        <translation>第 {number}/{total} 折</translation>
    </message>
    <message>
        <source>Fold {number}</source>
        <translation>第 {number} 折</translation>
    </message>
</context>
<context>
    <name>StateChip</name>
    <message>
        <source>waiting</source>
        <translation>排队中</translation>
    </message>
    <message>
        <source>preparing</source>
        <translation>准备中</translation>
    </message>
    <message>
        <source>running</source>
        <translation>进行中</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>stopping</source>
        <translation>停止中</translation>
    </message>
    <message>
        <source>finished</source>
        <translation>已完成</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>cancelled</source>
        <translation>已取消</translation>
    </message>
</context>
<context>
    <name>TeachersPanel</name>
    <message>
        <source>Teachers</source>
        <translation>教师模型</translation>
    </message>
    <message>
        <source>95 % interval, out of fold on the training cases</source>
        <translation>95 % 区间，训练病例折外测量</translation>
    </message>
    <message>
        <source>No teacher has been measured yet.</source>
        <translation>尚未测量任何教师模型。</translation>
    </message>
    <message>
        <source>text</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>image</source>
        <translation>图像</translation>
    </message>
    <message>
        <source>sound</source>
        <translation>声音</translation>
    </message>
    <message>
        <source>reads {kinds} · {count} parameters · right in {share}</source>
        <translation>读取{kinds} · {count} 个参数 · 正确率 {share}</translation>
    </message>
    <message>
        <source>reads {kinds} · {count} parameters · all labels right in {share}</source>
        <translation>读取{kinds} · {count} 个参数 · {share} 标签全部正确</translation>
    </message>
</context>
<context>
    <name>TextQuestion</name>
    <message>
        <source>There are changes from last time that were never saved.</source>
        <translation>上次有修改没有保存。</translation>
    </message>
    <message>
        <source>Go on with them</source>
        <translation>继续编辑</translation>
    </message>
    <message>
        <source>Drop them</source>
        <translation>放弃</translation>
    </message>
    <message>
        <source>Somebody saved version {n} of this file in the meantime. Your text is still here.</source>
        <translation>其间有人保存了此文件的第 {n} 版。您的文字还在这里。</translation>
    </message>
    <message>
        <source>Look at the newest</source>
        <translation>查看最新版</translation>
    </message>
    <message>
        <source>Keep mine, to save it on top</source>
        <translation>保留我的，再保存为新版</translation>
    </message>
</context>
<context>
    <name>TogetherMap</name>
    <message>
        <source>Which modules work on the same pieces</source>
        <translation>哪些模块处理相同的片段</translation>
    </message>
    <message>
        <source>Layer {layer}: of the {count} pieces of module {module}, {share} % went to module {other} as well</source>
        <translation>第 {layer} 层：模块 {module} 的 {count} 个片段中，{share} % 也交给了模块 {other}</translation>
    </message>
    <message>
        <source>Layer {layer}: module {module} worked on {count} pieces of the check cases</source>
        <translation>第 {layer} 层：模块 {module} 处理了检查病例的 {count} 个片段</translation>
    </message>
    <message>
        <source>module</source>
        <translation>模块</translation>
    </message>
    <message>
        <source>other module</source>
        <translation>另一模块</translation>
    </message>
    <message>
        <source>pieces of both</source>
        <translation>共同片段</translation>
    </message>
    <message>
        <source>share of the module</source>
        <translation>占该模块比例</translation>
    </message>
</context>
<context>
    <name>TopStrip</name>
    <message>
        <source>Research use only – not for patient care</source>
        <translation>仅供科研使用，不得用于患者诊疗</translation>
    </message>
    <message>
        <source>No project</source>
        <translation>未打开项目</translation>
    </message>
    <message>
        <source>Project: open, new, recent</source>
        <translation>项目：打开、新建、最近</translation>
    </message>
    <message>
        <source>Switch to Chinese</source>
        <translation>切换为中文</translation>
    </message>
    <message>
        <source>Switch to English</source>
        <translation>切换为英文</translation>
    </message>
    <message>
        <source>Light or dark</source>
        <translation>浅色或深色</translation>
    </message>
    <message>
        <source>Search commands (Ctrl+K)</source>
        <translation>搜索命令（Ctrl+K）</translation>
    </message>
</context>
<context>
    <name>TrainingView</name>
    <message>
        <source>Training</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>Knowledge file…</source>
        <translation>知识文件…</translation>
    </message>
    <message>
        <source>What an expert knows of the cases, in a plain file that a run can use</source>
        <translation>专家对病例的认识，写在训练可以使用的普通文件里</translation>
    </message>
    <message>
        <source>Demo run</source>
        <translation>演示训练</translation>
    </message>
    <message>
        <source>Make 2,000 synthetic cases ({domain}) and train on them: a few minutes</source>
        <translation>生成 2,000 个合成案例（{domain}）并训练：只需几分钟</translation>
    </message>
    <message>
        <source>New run…</source>
        <translation>新建训练…</translation>
    </message>
    <message>
        <source>Opens as soon as the engine has said what it can do.</source>
        <translation>引擎准备好后即可打开。</translation>
    </message>
    <message>
        <source>Nothing has been trained here yet. The demo run makes 2,000 synthetic cases and learns from them in a few minutes.</source>
        <translation>这里还没有训练过。演示训练会生成 2,000 个合成病例，并在几分钟内完成学习。</translation>
    </message>
    <message>
        <source>Start the demo run</source>
        <translation>开始演示训练</translation>
    </message>
    <message>
        <source>Domain of the demo run</source>
        <translation>演示训练的领域</translation>
    </message>
    <message>
        <source>What the cases of the demo run are about</source>
        <translation>演示训练的案例属于哪个领域</translation>
    </message>
</context>
<context>
    <name>UtilisationPanel</name>
    <message>
        <source>How busy each module is</source>
        <translation>各模块的忙碌程度</translation>
    </message>
    <message>
        <source>in %; dashed: even share</source>
        <translation>单位 %；虚线：平均份额</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>layer {number}</source>
        <translation>第 {number} 层</translation>
    </message>
    <message>
        <source>The first numbers come after about 20 steps.</source>
        <translation>约 20 步后出现首批数据。</translation>
    </message>
    <message>
        <source>This model has no modules: nothing is shared out.</source>
        <translation>此模型没有模块，无需分配。</translation>
    </message>
    <message>
        <source>Balance {entropy} of 1.00 (entropy); the busiest module does {over} % more than its even share (MaxVio {violation}).</source>
        <translation>均衡度 {entropy}，满分 1.00（熵）；最忙的模块比平均份额多 {over} %（MaxVio {violation}）。</translation>
    </message>
    <message>
        <source>module {module} of layer {layer}</source>
        <translation>第 {layer} 层的模块 {module}</translation>
    </message>
    <message>
        <source>Almost nothing was done on the check set by {names}: less than a tenth of the even share.</source>
        <translation>{names} 在检查集上几乎没有工作：不到平均份额的十分之一。</translation>
    </message>
</context>
<context>
    <name>WorthMap</name>
    <message>
        <source>How much worse answers become without each module</source>
        <translation>缺少各模块时答案会变差多少</translation>
    </message>
    <message>
        <source>all cases</source>
        <translation>所有病例</translation>
    </message>
    <message>
        <source>pieces of the {kind}</source>
        <translation>{kind}的片段</translation>
    </message>
    <message>
        <source>no change</source>
        <translation>无变化</translation>
    </message>
    <message>
        <source>{row}: no other module could take the pieces of module {module}, so its worth is not known</source>
        <translation>{row}：没有其他模块能接手模块 {module} 的片段，因此其价值未知</translation>
    </message>
    <message>
        <source>{row}: too few cases to tell what module {module} is worth</source>
        <translation>{row}：病例太少，无法判断模块 {module} 的价值</translation>
    </message>
    <message>
        <source>{row}: without module {module} the error changes by {value} (95 % {low} to {high}; {n} cases)</source>
        <translation>{row}：没有模块 {module} 时，误差变化 {value}（95 % 区间 {low} 至 {high}；{n} 例）</translation>
    </message>
    <message>
        <source>cases</source>
        <translation>病例</translation>
    </message>
    <message>
        <source>module</source>
        <translation>模块</translation>
    </message>
    <message>
        <source>change of the error</source>
        <translation>误差变化</translation>
    </message>
    <message>
        <source>from</source>
        <translation>下限</translation>
    </message>
    <message>
        <source>to</source>
        <translation>上限</translation>
    </message>
    <message>
        <source>number</source>
        <translation>例数</translation>
    </message>
</context>
<context>
    <name>WorthPage</name>
    <message>
        <source>One case is too few to say what a module is worth.</source>
        <translation>只有一个病例，无法判断模块的价值。</translation>
    </message>
    <message>
        <source>What the modules are worth was not found out.</source>
        <translation>未能得知各模块的价值。</translation>
    </message>
    <message>
        <source>No piece could go to another module, so it is not known what a module is worth.</source>
        <translation>没有片段能改交其他模块，因此无法得知模块的价值。</translation>
    </message>
    <message>
        <source>Without {useful} of the {all} modules, answers become clearly worse.</source>
        <translation>{all} 个模块中，有 {useful} 个缺少后答案明显变差。</translation>
    </message>
    <message>
        <source>mean negative log-likelihood; 0.69 more means half the chance for the truth</source>
        <translation>平均负对数似然；增加 0.69 表示正确答案的概率减半</translation>
    </message>
    <message>
        <source>mean negative log-likelihood of each label</source>
        <translation>各标签的平均负对数似然</translation>
    </message>
    <message>
        <source>Each figure is the change of the error ({error}) when the pieces of a module go to the one that would come next: all of them, or those of one kind of input, or for the cases of one answer. Orange: the module does good. Blue: answers are better without it. Grey: no clear change.</source>
        <translation>每个数字是把某模块的片段交给下一个备选模块后误差（{error}）的变化：全部片段、某一类资料的片段，或某一答案的病例。橙色：该模块有益。蓝色：没有它答案更好。灰色：无明显变化。</translation>
    </message>
    <message>
        <source>A dash: not known, as no other module could take the pieces, or there were too few cases.</source>
        <translation>短横：未知，因为没有其他模块能接手这些片段，或病例太少。</translation>
    </message>
    <message>
        <source>{n} cases of {name} · {when}</source>
        <translation>{name} 的 {n} 个病例 · {when}</translation>
    </message>
    <message>
        <source>{n} cases of {name} that it did not learn from · {when}</source>
        <translation>{name} 中 {n} 个未参与学习的病例 · {when}</translation>
    </message>
    <message>
        <source>Layer {number}</source>
        <translation>第 {number} 层</translation>
    </message>
</context>
<context>
    <name>WorthView</name>
    <message>
        <source>What each module is worth</source>
        <translation>每个模块的价值</translation>
    </message>
    <message>
        <source>Find out again</source>
        <translation>重新评估</translation>
    </message>
    <message>
        <source>All models</source>
        <translation>所有模型</translation>
    </message>
    <message>
        <source>This model is no longer in the project.</source>
        <translation>该模型已不在项目中。</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>This project has no cases with this model&apos;s answers that were set aside from learning, and on those it learned from every module would look better than it is. Import a table with a column “split” that says “val” for some rows, or start the demo run.</source>
        <translation>本项目中没有答案与该模型一致且留作验证的病例；在学习过的病例上，每个模块都会显得比实际更好。请导入一张含 “split” 列且部分行为 “val” 的表格，或启动演示训练。</translation>
    </message>
    <message>
        <source>Not found out yet. Each module&apos;s pieces are handed to the module that would come next, and the {n} cases of {name} that were set aside are answered again: what becomes worse is what the module is worth. This takes a few minutes.</source>
        <translation>尚未评估。评估时会把每个模块的片段交给下一个备选模块，重新回答 {name} 中留作验证的 {n} 个病例：变差多少，就是该模块的价值。需要几分钟。</translation>
    </message>
    <message>
        <source>Find out</source>
        <translation>开始评估</translation>
    </message>
    <message>
        <source>waiting for its turn</source>
        <translation>排队等待中</translation>
    </message>
    <message>
        <source>Finding out: {progress}</source>
        <translation>正在评估：{progress}</translation>
    </message>
</context>
</TS>
